using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>Labels in a head image, as they stand in the log: <c>count uvarint | { name, value }*</c>.</summary>
internal static class ImageLabels
{
    /// <summary>Writes them.</summary>
    public static void Write(Labels labels, ByteWriter data)
    {
        data.WriteUvarint((ulong)labels.Count);
        foreach (var label in labels)
        {
            data.WriteUvarintBytes(label.Name);
            data.WriteUvarintBytes(label.Value);
        }
    }

    /// <summary>Reads them.</summary>
    /// <param name="reader">Stands before them; moved behind.</param>
    /// <param name="builder">Used for it.</param>
    /// <param name="labels">The labels.</param>
    /// <returns>False when the bytes are none.</returns>
    public static bool TryRead(ref ByteReader reader, LabelsBuilder builder, out Labels labels)
    {
        labels = Labels.Empty;
        if (!reader.TryReadUvarint32(out var count)) return false;
        builder.Reset();
        for (; count > 0; count--)
        {
            if (!reader.TryReadUvarintBytes(out var name) || !reader.TryReadUvarintBytes(out var value) ||
                name.Length > Labels.MaxPartSizeBytes || value.Length > Labels.MaxPartSizeBytes)
                return false;
            builder.Set(name, value);
        }

        labels = builder.ToLabels();
        return true;
    }
}
