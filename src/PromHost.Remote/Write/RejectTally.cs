using System.Globalization;
using System.Text;
using PromHost.Storage;

namespace PromHost.Remote;

/// <summary>Counts the samples of one request that were not taken, and keeps the text of the first.</summary>
internal sealed class RejectTally
{
    private readonly int[] _counts = new int[Enum.GetValues<AppendResult>().Length];

    /// <summary>The text of the first reject.</summary>
    public string? First { get; private set; }

    /// <summary>All rejected samples.</summary>
    public int Total { get; private set; }

    /// <summary>The rejected samples by <see cref="AppendResult"/>.</summary>
    public ReadOnlySpan<int> Counts => _counts;

    /// <summary>Is <see cref="First"/> still to be said?</summary>
    public bool NeedsText => First is null;

    /// <summary>Counts rejected samples.</summary>
    /// <param name="reason">Why they were not taken.</param>
    /// <param name="samples">How many.</param>
    /// <param name="text">Names the offender; kept of the first reject only.</param>
    public void Add(AppendResult reason, int samples, string? text)
    {
        _counts[(int)reason] += samples;
        Total += samples;
        First ??= text;
    }

    /// <summary>What the sender is told: the first reject, then how much else there was.</summary>
    /// <param name="kept">Samples that were stored, or stored already.</param>
    public string ToText(int kept)
    {
        var text = new StringBuilder(First);
        text.Append(CultureInfo.InvariantCulture, $" ({Total} of {Total + kept} samples rejected");
        var separator = ": ";
        for (var i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] == 0)
                continue;
            text.Append(separator).Append(RejectText.NameOf((AppendResult)i)).Append(' ')
                .Append(CultureInfo.InvariantCulture, $"{_counts[i]}");
            separator = ", ";
        }

        return text.Append(kept > 0 ? "; the others are stored)" : ")").ToString();
    }
}
