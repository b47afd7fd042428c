using System.Globalization;
using System.Text;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// The highest number that a series has had in the WAL (<c>docs/formats/data-directory.md</c>): numbers are never used
/// again, also when the series with the highest ones are gone from the head and from the log.
/// </summary>
internal sealed class LastSeriesRefFile(IDataDirectory directory)
{
    private const string Directory = "promhost";
    private const string Path = Directory + "/last-series-ref";
    private const int MaxBytes = 64;

    private ulong _written;

    /// <summary>
    /// Reads the number; 0 when there is none, or none that can be believed: such a file is put aside.
    /// </summary>
    public ulong Read(DamageLedger damages)
    {
        if (!directory.FileExists(Path)) return 0;
        try
        {
            var text = Encoding.ASCII.GetString(AtomicFile.Read(directory, Path, MaxBytes));
            var number = text.Split(' ')[0];
            if (ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var last) &&
                text == Format(last))
            {
                _written = last;
                return last;
            }

            PutAside("the number's checksum does not match", damages);
        }
        catch (CorruptDataException error)
        {
            PutAside(error.Message, damages);
        }

        return 0;
    }

    /// <summary>Writes the number, unless it is there already. Waits for the disk.</summary>
    /// <exception cref="IOException">That failed; the old number is still there.</exception>
    public void Write(ulong last)
    {
        if (last == _written) return;
        directory.CreateDirectory(Directory);
        AtomicFile.Write(directory, Path, Encoding.ASCII.GetBytes(Format(last)));
        _written = last;
    }

    // The next truncation of the head writes a new one; until then the log has the number.
    private void PutAside(string reason, DamageLedger damages)
    {
        var target = Quarantine.NameFor(directory, Path);
        directory.Rename(Path, target);
        directory.SyncDirectory(Quarantine.Path);
        damages.Add(new Damage(Path, 0, reason, target));
    }

    private static string Format(ulong last)
    {
        var number = last.ToString(CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture, $"{number} {Crc32C.Compute(Encoding.ASCII.GetBytes(number)):x8}\n");
    }
}
