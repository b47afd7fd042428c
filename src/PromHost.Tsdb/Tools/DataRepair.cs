using Microsoft.Extensions.Logging.Abstractions;

namespace PromHost.Tsdb;

/// <summary>
/// Repairs a data directory: damaged blocks are written anew without what cannot be read, all else as at a start of the
/// server. What is taken out of use goes to <c>promhost/quarantine/</c>; nothing is thrown away.
/// </summary>
public static class DataRepair
{
    /// <summary>Runs it.</summary>
    /// <param name="dataPath">The data directory.</param>
    /// <param name="isDryRun">Is nothing changed? What would be written goes to temporary files.</param>
    /// <param name="sandboxRoot">Where these are; null: where the system has them.</param>
    /// <param name="progress">Told what is looked at.</param>
    /// <param name="cancellationToken">Ends it between the steps.</param>
    /// <returns>What was done; nothing where the directory is in order.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="DataDirectoryLockedException">A server has it open.</exception>
    /// <exception cref="IOException">The disk failed or is full; what is done stays.</exception>
    public static IReadOnlyList<RepairStep> Run(
        string dataPath,
        bool isDryRun,
        string? sandboxRoot,
        Action<ToolProgress>? progress,
        CancellationToken cancellationToken)
    {
        if (!Directory.Exists(dataPath))
            throw new DirectoryNotFoundException($"{dataPath}: there is no such directory");
        if (!isDryRun)
        {
            using var owned = DataDirectoryLock.Acquire(dataPath);
            return Run(new DataDirectory(dataPath), progress, cancellationToken);
        }

        if (DataDirectoryLock.IsHeld(dataPath)) throw new DataDirectoryLockedException(dataPath, null);
        using var sandbox = new SandboxedDataDirectory(new DataDirectory(dataPath), sandboxRoot);
        return Run(sandbox, progress, cancellationToken);
    }

    internal static IReadOnlyList<RepairStep> Run(
        IDataDirectory directory, Action<ToolProgress>? progress, CancellationToken cancellationToken)
    {
        var steps = new List<RepairStep>();
        var salvage = new BlockSalvage(directory);
        salvage.FinishOld();
        var names = directory.List("").Where(name => Ulid.TryParse(name, out _)).Order(StringComparer.Ordinal)
            .ToList();
        var obsolete = Obsolete(directory, names);
        for (var i = 0; i < names.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress?.Invoke(new ToolProgress(names[i], i, names.Count + 1));
            // What another block was made of is deleted at the next start.
            if (obsolete.Contains(names[i])) continue;
            var problems = new ProblemList();
            BlockVerify.Run(directory, names[i], problems, cancellationToken);
            if (problems.Count == 0) continue;
            steps.AddRange(problems.Problems.Select(
                problem => new RepairStep(problem.Path, problem.OffsetBytes, problem.Message, null)));
            steps.Add(salvage.Run(names[i], cancellationToken));
        }

        progress?.Invoke(new ToolProgress("logs", names.Count, names.Count + 1));
        steps.AddRange(Start(directory));
        return steps;
    }

    private static HashSet<string> Obsolete(IDataDirectory directory, List<string> names)
    {
        var obsolete = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            new ProblemList().Try(name, () =>
            {
                var meta = BlockMetaFile.Read(directory, $"{name}/{BlockMetaFile.FileName}");
                if (meta.Compaction.IsDeletable) obsolete.Add(name);
                obsolete.UnionWith(meta.Compaction.Parents.Select(parent => parent.Id.ToString()));
            });
        }

        return obsolete;
    }

    // As the server opens it; what it has read is forgotten.
    private static IEnumerable<RepairStep> Start(IDataDirectory directory)
    {
        var damages = new DamageLedger(NullLogger.Instance, TimeProvider.System);
        var head = new Head((long)TimeSpan.FromHours(2).TotalMilliseconds);
        using var blocks = new BlockSet(directory, head.Epochs, NullLogger.Instance, damages);
        blocks.Load();
        head.MinValidTimeMs = blocks.Current.HeadMinTimeMs;
        if (directory.List("").Any(name => name is "wal" or WblReplay.Path or HeadChunkFormat.DirectoryName))
        {
            using var files = HeadChunkFiles.Open(directory);
            using var late = HeadChunkFiles.CreateLate(directory);
            head.FullChunks.LateFiles = late;
            new HeadReplay(head, directory, damages, NullLogger.Instance).Run(files);
        }

        return damages.Entries.Select(
            damage => new RepairStep(damage.Path, damage.OffsetBytes, damage.Reason, damage.QuarantinedAs));
    }
}
