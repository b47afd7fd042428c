namespace PromHost.Storage;

/// <summary>Something that samples can be written to. Thread-safe.</summary>
public interface IAppendable
{
    /// <summary>Starts a batch; the caller commits or disposes it.</summary>
    /// <exception cref="StorageUnavailableException">The storage takes no writes at present.</exception>
    IAppender CreateAppender();
}
