namespace PromHost.Model.Tests;

public sealed class LabelsEncodingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(254)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(70_000)]
    [InlineData(Labels.MaxPartSizeBytes)]
    public void Write_IsReadBack_WhateverTheLength(int length)
    {
        var value = new byte[length];
        Array.Fill(value, (byte)'v');
        var encoded = new byte[LabelsEncoding.SizeOf(1) + LabelsEncoding.SizeOf(length)];

        var written = 0;
        LabelsEncoding.Write("n"u8, encoded, ref written);
        LabelsEncoding.Write(value, encoded, ref written);

        written.Should().Be(encoded.Length);
        var walk = Labels.FromEncoded(encoded).GetEnumerator();
        walk.MoveNext().Should().BeTrue();
        walk.Current.Name.SequenceEqual("n"u8).Should().BeTrue();
        walk.Current.Value.SequenceEqual(value).Should().BeTrue();
        walk.MoveNext().Should().BeFalse();
    }
}
