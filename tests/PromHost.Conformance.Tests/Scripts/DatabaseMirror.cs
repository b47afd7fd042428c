using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Model;
using PromHost.Storage;
using PromHost.Tsdb;

namespace PromHost.Conformance.Tests;

/// <summary>Keeps what a script has loaded in a real database in a folder of its own.</summary>
internal sealed class DatabaseMirror : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-conformance-").FullName;
    private Database? _database;
    private int _mirroredVersion = -1;
    private int _databaseCount;

    /// <summary>The database with what is loaded now.</summary>
    public IQuerySource Of(ScriptStorage storage)
    {
        if (_database is not null && _mirroredVersion == storage.Version) return _database;
        Close();
        var options = new DatabaseOptions
        {
            DataPath = Path.Combine(_folder, $"{_databaseCount++}"),
            WalSync = WalSyncPolicy.Interval,
            BlockRange = TimeSpan.FromHours(24),
            Xor2Encoding = true,
            StoreStartTimestamps = true,
            HistogramStartTimestamps = true,
        };
        Directory.CreateDirectory(options.DataPath);
        _database = Database.Open(options, NullLogger.Instance, TimeProvider.System);
        _database.ReplayAsync().GetAwaiter().GetResult();
        Append(_database, storage);
        _mirroredVersion = storage.Version;
        return _database;
    }

    public void Dispose()
    {
        Close();
        Directory.Delete(_folder, recursive: true);
    }

    // All series advance together: a database refuses samples far older than its newest.
    private static void Append(Database database, ScriptStorage storage)
    {
        using var appender = database.CreateAppender();
        var samples = storage.Series
            .SelectMany(series => series.Samples.Select(sample => (series.Labels, Sample: sample)))
            .OrderBy(static x => x.Sample.TimestampMs);
        foreach (var (labels, sample) in samples)
        {
            var series = appender.GetOrAddSeries(labels, default);
            if (sample.Histogram is null)
                appender.Append(series, [new FloatSample(sample.TimestampMs, sample.Value, sample.StartTimestampMs)]);
            else
                appender.AppendHistogram(series, sample.TimestampMs, sample.StartTimestampMs, sample.Histogram);
        }

        var report = appender.CommitAsync().AsTask().GetAwaiter().GetResult();
        report.Rejected.Should().BeEmpty();
    }

    private void Close()
    {
        _database?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _database = null;
    }
}
