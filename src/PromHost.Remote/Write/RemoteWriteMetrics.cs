using System.Diagnostics.Metrics;
using PromHost.Storage;

namespace PromHost.Remote;

/// <summary>The counters of the remote-write receiver, added to once per request.</summary>
internal sealed class RemoteWriteMetrics
{
    private readonly Counter<long> _requests;
    private readonly Counter<long> _receivedBytes;
    private readonly Counter<long> _stored;
    private readonly Counter<long> _alreadyStored;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _invalidLabels;
    private readonly Counter<long> _exemplars;
    private readonly Counter<long> _metadata;

    /// <summary>Creates the instruments on <paramref name="meter"/>.</summary>
    public RemoteWriteMetrics(Meter meter)
    {
        _requests = meter.CreateCounter<long>(
            "promhost_remote_write_requests_total", null, "Remote-write requests by what became of them.");
        _receivedBytes = meter.CreateCounter<long>(
            "promhost_remote_write_received_bytes_total", null, "Compressed bytes of remote-write requests.");
        _stored = meter.CreateCounter<long>(
            "promhost_remote_write_stored_samples_total", null, "Remote-write samples stored.");
        _alreadyStored = meter.CreateCounter<long>(
            "promhost_remote_write_already_stored_samples_total", null,
            "Remote-write samples that were stored before with equal bits.");
        _rejected = meter.CreateCounter<long>(
            "promhost_remote_write_rejected_samples_total", null,
            "Remote-write samples and native histogram samples refused, by reason.");
        _invalidLabels = meter.CreateCounter<long>(
            "prometheus_api_remote_write_invalid_labels_samples_total", null,
            "Remote-write samples and native histogram samples refused because of invalid labels.");
        _exemplars = meter.CreateCounter<long>(
            "promhost_remote_write_received_exemplars_total", null, "Remote-write exemplars handed to the storage.");
        _metadata = meter.CreateCounter<long>(
            "promhost_remote_write_received_metadata_total", null,
            "Remote-write metadata entries handed to the storage.");
    }

    /// <summary>Counts a request and what became of it.</summary>
    public void AddRequest(RemoteWriteOutcome outcome, int bodyLength)
    {
        _requests.Add(1, new KeyValuePair<string, object?>("outcome", NameOf(outcome.Kind)));
        _receivedBytes.Add(bodyLength);
        if (outcome.Stored > 0)
            _stored.Add(outcome.Stored);
        if (outcome.AlreadyStored > 0)
            _alreadyStored.Add(outcome.AlreadyStored);
        if (outcome.Exemplars > 0)
            _exemplars.Add(outcome.Exemplars);
    }

    /// <summary>Counts metadata entries.</summary>
    public void AddMetadata(int entries) => _metadata.Add(entries);

    /// <summary>Counts rejected samples by reason.</summary>
    public void AddRejects(RejectTally rejects)
    {
        for (var i = 0; i < rejects.Counts.Length; i++)
        {
            var count = rejects.Counts[i];
            if (count == 0)
                continue;
            var reason = (AppendResult)i;
            _rejected.Add(count, new KeyValuePair<string, object?>("reason", RejectText.NameOf(reason)));
            if (RejectText.IsInvalidLabels(reason))
                _invalidLabels.Add(count);
        }
    }

    private static string NameOf(RemoteWriteOutcomeKind kind) => kind switch
    {
        RemoteWriteOutcomeKind.Stored => "stored",
        RemoteWriteOutcomeKind.PartlyRejected => "partly_rejected",
        RemoteWriteOutcomeKind.BadSnappy => "bad_snappy",
        RemoteWriteOutcomeKind.BadProtobuf => "bad_protobuf",
        RemoteWriteOutcomeKind.TooLarge => "too_large",
        _ => "storage_unavailable",
    };
}
