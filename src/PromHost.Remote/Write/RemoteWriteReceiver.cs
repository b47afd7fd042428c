// Hot path: one call per remote-write request.
using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.CompilerServices;
using PromHost.Codecs;
using PromHost.Storage;

namespace PromHost.Remote;

/// <summary>
/// Takes remote-write 1.0 requests: decompresses, walks the message in place, appends, commits once. Thread-safe. What
/// a sender does wrong is an outcome, never an exception; of a request that is well-formed the good part is stored.
/// </summary>
public sealed class RemoteWriteReceiver
{
    private readonly IAppendable _storage;
    private readonly TimeProvider _time;
    private readonly RemoteWriteLimits _limits;
    private readonly RemoteWriteMetrics _metrics;
    private readonly ConcurrentQueue<WriteRequestStager> _stagers = new();
    private readonly int _maxIdleStagers = Environment.ProcessorCount * 2;

    /// <summary>Makes a receiver.</summary>
    /// <param name="storage">Where the samples go.</param>
    /// <param name="time">The clock that timestamps are checked against.</param>
    /// <param name="limits">What is accepted.</param>
    /// <param name="meter">Where the receiver's counters are created; stays the caller's.</param>
    public RemoteWriteReceiver(IAppendable storage, TimeProvider time, RemoteWriteLimits limits, Meter meter)
    {
        _storage = storage;
        _time = time;
        _limits = limits;
        _metrics = new RemoteWriteMetrics(meter);
    }

    /// <summary>Takes one request.</summary>
    /// <param name="body">The snappy block; not used any more once the call returns, even before the task ends.</param>
    /// <param name="cancellationToken">Gives up waiting for the storage.</param>
    /// <returns>What became of it. What it calls stored has the durability that the storage promises.</returns>
    public ValueTask<RemoteWriteOutcome> ReceiveAsync(
        ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default) =>
        Receive(body.Span, cancellationToken);

    /// <inheritdoc cref="ReceiveAsync(ReadOnlyMemory{byte}, CancellationToken)"/>
    public ValueTask<RemoteWriteOutcome> ReceiveAsync(
        ReadOnlySequence<byte> body, CancellationToken cancellationToken = default)
    {
        if (body.IsSingleSegment)
            return Receive(body.FirstSpan, cancellationToken);
        // A block longer than its content can need decodes to more than the limit, or is not a block.
        var maxLength = SnappyEncoder.MaxEncodedLength(_limits.MaxDecodedBytes);
        if (body.Length > maxLength)
            return Finish(TooLarge(body.Length), bodyLength: 0);
        var length = (int)body.Length;
        var joined = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            body.CopyTo(joined);
            return Receive(joined.AsSpan(0, length), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(joined);
        }
    }

    private ValueTask<RemoteWriteOutcome> Receive(ReadOnlySpan<byte> body, CancellationToken cancellationToken)
    {
        if (!SnappyDecoder.TryGetDecodedLength(body, out var declared))
            return Finish(BadSnappy("the block does not begin with a length"), body.Length);
        if (declared > _limits.MaxDecodedBytes)
            return Finish(TooLarge(declared), body.Length);

        var decoded = ArrayPool<byte>.Shared.Rent((int)declared);
        try
        {
            if (SnappyDecoder.TryDecode(body, decoded, out var length))
                return ReceiveMessage(decoded.AsSpan(0, length), body.Length, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(decoded);
        }

        return Finish(BadSnappy("the block does not decode to the length it declares"), body.Length);
    }

    private ValueTask<RemoteWriteOutcome> ReceiveMessage(
        ReadOnlySpan<byte> message, int bodyLength, CancellationToken cancellationToken)
    {
        var stager = RentStager();
        IAppender? appender = null;
        try
        {
            if (!stager.TryRead(message))
                return Finish(Refused(stager), bodyLength);
            if (stager.IsEmpty)
                return Finish(new RemoteWriteOutcome(RemoteWriteOutcomeKind.Stored, Text: null), bodyLength);

            appender = _storage.CreateAppender();
            if (!stager.TryResolve(message, appender))
                return Finish(Refused(stager), bodyLength);
            stager.Stage(message, appender, MaxTimestampMs());
            if (stager.MetadataCount > 0)
                _metrics.AddMetadata(stager.MetadataCount);

            var batch = new PendingBatch(appender, stager.Rejects, stager.ExemplarCount, bodyLength);
            appender = null;
            return CommitAsync(batch, cancellationToken);
        }
        catch (StorageUnavailableException unavailable)
        {
            return Finish(Unavailable(unavailable), bodyLength);
        }
        finally
        {
            appender?.Dispose();
            ReturnStager(stager);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<RemoteWriteOutcome> CommitAsync(PendingBatch batch, CancellationToken cancellationToken)
    {
        RemoteWriteOutcome outcome;
        using (batch.Appender)
        {
            try
            {
                var report = await batch.Appender.CommitAsync(cancellationToken).ConfigureAwait(false);
                outcome = OutcomeOf(report, batch);
            }
            catch (StorageUnavailableException unavailable)
            {
                outcome = Unavailable(unavailable);
            }
        }

        _metrics.AddRequest(outcome, batch.BodyLength);
        return outcome;
    }

    private RemoteWriteOutcome OutcomeOf(AppendReport report, PendingBatch batch)
    {
        var outcome = new RemoteWriteOutcome(RemoteWriteOutcomeKind.Stored, Text: null)
        {
            Stored = report.Stored,
            AlreadyStored = report.AlreadyStored,
            Exemplars = batch.ExemplarCount,
        };
        if (batch.Rejects is null && report.Rejected.Count == 0)
            return outcome;

        var rejects = batch.Rejects ?? new RejectTally();
        foreach (var rejected in report.Rejected)
            rejects.Add(rejected.Reason, 1, rejects.NeedsText ? RejectText.Of(rejected) : null);
        _metrics.AddRejects(rejects);
        return outcome with
        {
            Kind = RemoteWriteOutcomeKind.PartlyRejected,
            Text = rejects.ToText(report.Stored + report.AlreadyStored),
            Rejected = rejects.Total,
        };
    }

    private long MaxTimestampMs() => (_time.GetUtcNow() + _limits.MaxAhead).ToUnixTimeMilliseconds();

    private ValueTask<RemoteWriteOutcome> Finish(RemoteWriteOutcome outcome, int bodyLength)
    {
        _metrics.AddRequest(outcome, bodyLength);
        return ValueTask.FromResult(outcome);
    }

    private WriteRequestStager RentStager() =>
        _stagers.TryDequeue(out var stager) ? stager : new WriteRequestStager(_limits);

    private void ReturnStager(WriteRequestStager stager)
    {
        stager.Clear();
        if (stager.IsOversized || _stagers.Count >= _maxIdleStagers)
            stager.Dispose();
        else
            _stagers.Enqueue(stager);
    }

    private static RemoteWriteOutcome BadSnappy(string detail) =>
        new(RemoteWriteOutcomeKind.BadSnappy, $"snappy: corrupt input: {detail}");

    private static RemoteWriteOutcome Refused(WriteRequestStager stager) => stager.TooLargeText is null
        ? new RemoteWriteOutcome(RemoteWriteOutcomeKind.BadProtobuf, stager.MalformedText)
        : new RemoteWriteOutcome(RemoteWriteOutcomeKind.TooLarge, stager.TooLargeText);

    private RemoteWriteOutcome TooLarge(long length) => new(
        RemoteWriteOutcomeKind.TooLarge,
        string.Create(
            CultureInfo.InvariantCulture,
            $"the request is too large: {length} bytes, at most {_limits.MaxDecodedBytes} decoded ones are accepted"));

    private static RemoteWriteOutcome Unavailable(StorageUnavailableException unavailable) =>
        new(RemoteWriteOutcomeKind.StorageUnavailable, unavailable.Message) { RetryAfter = unavailable.RetryAfter };

    /// <summary>What is staged, on its way through the commit.</summary>
    private readonly record struct PendingBatch(
        IAppender Appender, RejectTally? Rejects, int ExemplarCount, int BodyLength);
}
