// Hot path: IsMatch runs once per label value.
using System.Text;

namespace PromHost.Model;

/// <summary>Matches the members of a set of strings.</summary>
internal sealed class StringSetMatcher : Utf8Matcher
{
    // Up to here comparing with each is faster than hashing; most differ in length.
    private const int MaxLinear = 8;

    private readonly byte[][] _members;
    private readonly int _leastBytes;
    private readonly int _mostBytes;

    // Open addressing: indexes into the members plus one, 0 is free.
    private readonly int[] _slots = [];

    public StringSetMatcher(IReadOnlyList<string> members)
    {
        _members = [.. members.Select(Encoding.UTF8.GetBytes)];
        _leastBytes = _members.Select(member => member.Length).DefaultIfEmpty().Min();
        _mostBytes = _members.Select(member => member.Length).DefaultIfEmpty().Max();
        if (_members.Length <= MaxLinear)
            return;
        _slots = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)_members.Length * 2)];
        for (int i = 0; i < _members.Length; i++)
        {
            int slot = Hash(_members[i]) & (_slots.Length - 1);
            while (_slots[slot] != 0)
                slot = (slot + 1) & (_slots.Length - 1);
            _slots[slot] = i + 1;
        }
    }

    public override bool IsMatch(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length < _leastBytes || utf8.Length > _mostBytes)
            return false;
        if (_slots.Length == 0)
        {
            foreach (byte[] member in _members)
            {
                if (utf8.SequenceEqual(member))
                    return true;
            }

            return false;
        }

        int slot = Hash(utf8) & (_slots.Length - 1);
        for (; _slots[slot] != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            if (utf8.SequenceEqual(_members[_slots[slot] - 1]))
                return true;
        }

        return false;
    }

    private static int Hash(ReadOnlySpan<byte> utf8)
    {
        HashCode hash = default;
        hash.AddBytes(utf8);
        return hash.ToHashCode();
    }
}
