// Hot path: once per bucket of every integer histogram read by a query.
using System.Numerics;
using PromHost.Codecs;

namespace PromHost.Chunks;

/// <summary>
/// Reads the buckets of an integer histogram behind the first of its chunk. Stored is how much the difference of each
/// bucket to the one before grew more than the last time: mostly nothing, or a small number.
/// </summary>
internal static class BucketChanges
{
    // The longest code of the classes up to 18 bits; longer ones are read one by one.
    private const int MaxShortOnes = 5;
    private const int MaxShortBits = MaxShortOnes + 1 + 18;

    /// <summary>Reads one side.</summary>
    /// <param name="reader">Where from.</param>
    /// <param name="buckets">Counts as words; those of the histogram before become those of this one.</param>
    /// <param name="changes">How much each difference grew the last time; at least as long.</param>
    public static void Read(ref BitReader reader, Span<ulong> buckets, Span<long> changes)
    {
        changes = changes[..buckets.Length];
        var local = reader;
        var window = local.Peek();
        var used = 0; // bits of the window
        var shift = 0L;
        for (var i = 0; i < buckets.Length; i++)
        {
            if (used > BitReader.MaxBits - MaxShortBits)
            {
                local.Skip(used);
                window = local.Peek();
                used = 0;
            }

            if ((long)window >= 0)
            {
                window <<= 1;
                used++;
            }
            else
            {
                var ones = BitOperations.LeadingZeroCount(~window);
                if (ones > MaxShortOnes)
                {
                    local.Skip(used);
                    changes[i] += Varbit.Read(ref local);
                    window = local.Peek();
                    used = 0;
                }
                else
                {
                    int bits = Varbit.Classes[ones - 1];
                    var raw = (long)(window << (ones + 1) >> (64 - bits));
                    window <<= ones + 1 + bits;
                    used += ones + 1 + bits;
                    changes[i] += raw > 1L << (bits - 1) ? raw - (1L << bits) : raw;
                }
            }

            shift += changes[i];
            buckets[i] += (ulong)shift;
        }

        local.Skip(used);
        reader = local;
    }
}
