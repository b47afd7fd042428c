using System.Text;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>Counts where the series of a head come from (Prometheus: <c>PostingsStats</c>).</summary>
internal static class CardinalityCount
{
    /// <summary>Counts; reads all label pairs.</summary>
    /// <param name="index">The postings.</param>
    /// <param name="limit">Entries per list.</param>
    public static CardinalityStatus Run(LabelIndex index, int limit)
    {
        var metrics = new TopList(limit);
        var names = new TopList(limit);
        var memory = new TopList(limit);
        var pairs = new TopList(limit);
        for (var number = 1; number < index.NameLimit; number++)
        {
            if (index.NameOrNull(number) is not { } name) continue;
            var isMetricName = name.Utf8.AsSpan().SequenceEqual(Labels.MetricNameUtf8);
            var bytes = 0L;
            foreach (var pair in name.Pairs)
            {
                var count = index.SeriesCount(pair);
                long size = LabelsEncoding.SizeOf(name.Utf8.Length) + LabelsEncoding.SizeOf(index.ValueOf(pair).Length);
                bytes += size * count;
                if (isMetricName) metrics.Add(count, pair);
                pairs.Add(count, pair);
            }

            names.Add(name.Pairs.Length, number);
            memory.Add(bytes, number);
        }

        return new CardinalityStatus(
            metrics.ToList(ValueOf),
            names.ToList(number => index.Name(number).Text),
            memory.ToList(number => index.Name(number).Text),
            pairs.ToList(pair => $"{index.NameOf(pair).Text}={ValueOf(pair)}"));

        string ValueOf(int pair) => Encoding.UTF8.GetString(index.ValueOf(pair));
    }

    // The largest counts seen; the smallest of them is on top of the queue.
    private sealed class TopList(int limit)
    {
        private readonly PriorityQueue<int, long> _queue = new();

        public void Add(long count, int item)
        {
            if (_queue.Count < limit) _queue.Enqueue(item, count);
            else if (limit > 0) _queue.EnqueueDequeue(item, count);
        }

        public List<NamedCount> ToList(Func<int, string> name)
        {
            var list = new List<NamedCount>(_queue.Count);
            while (_queue.TryDequeue(out var item, out var count)) list.Add(new NamedCount(name(item), count));
            list.Reverse();
            return list;
        }
    }
}
