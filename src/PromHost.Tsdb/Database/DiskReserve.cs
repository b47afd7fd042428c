using Microsoft.Extensions.Logging;

namespace PromHost.Tsdb;

/// <summary>
/// Room on the disk that nothing else gets: a file that is deleted when the disk is full, so that the work that makes
/// room (a block of the head, then a shorter log) can be done all the same. For one thread at a time.
/// </summary>
/// <param name="directory">The data directory.</param>
/// <param name="logger">Told when it is used.</param>
internal sealed class DiskReserve(IDataDirectory directory, ILogger logger)
{
    private const string Folder = "promhost";
    private const string Path = Folder + "/reserve";
    private const string UnfinishedPath = Path + ".tmp";

    // Made anew only for a size that differs much: what is wanted is a generous guess.
    private const int ShrinkParts = 4;
    private const int GrowthParts = 4;

    // Of the room that is left the reserve takes this part at most.
    private const int FreeParts = 4;

    /// <summary>What is reserved now.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Takes note of a reserve that is there from before.</summary>
    public void Find()
    {
        directory.Delete(UnfinishedPath);
        if (!directory.FileExists(Path)) return;
        using var file = directory.OpenRead(Path);
        SizeBytes = file.Length;
    }

    /// <summary>
    /// Does work that makes room in the end. Where it finds none, it is done once more with the reserve released.
    /// </summary>
    /// <param name="work">The work; after <see cref="DiskFullException"/> it can be begun anew.</param>
    /// <exception cref="DiskFullException">There is not even room with the reserve.</exception>
    public void Spend(Action work)
    {
        try
        {
            work();
        }
        catch (DiskFullException) when (SizeBytes > 0)
        {
            TsdbLog.ReserveReleased(logger, SizeBytes >> 20);
            Release();
            work();
        }
    }

    /// <summary>
    /// Reserves room, unless enough is reserved or the disk has too little. Failing is no error: what was reserved
    /// before still is.
    /// </summary>
    /// <param name="sizeBytes">How much is wanted.</param>
    public void Make(long sizeBytes)
    {
        if (sizeBytes <= SizeBytes + (SizeBytes / GrowthParts) && sizeBytes >= SizeBytes / ShrinkParts) return;
        try
        {
            var free = directory.Space.FreeBytes + SizeBytes;
            if (sizeBytes > free / FreeParts) return;
            directory.CreateDirectory(Folder);
            // Beside the old one: were that given up first, somebody else might take its room.
            using (var file = directory.Create(UnfinishedPath)) file.Allocate(sizeBytes);
            directory.Rename(UnfinishedPath, Path);
            SizeBytes = sizeBytes;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            TsdbLog.ReserveNotMade(logger, sizeBytes >> 20, error);
            DeleteUnfinished();
        }
    }

    private void Release()
    {
        directory.Delete(Path);
        SizeBytes = 0;
    }

    private void DeleteUnfinished()
    {
        try
        {
            directory.Delete(UnfinishedPath);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is found at the next start.
        }
    }
}
