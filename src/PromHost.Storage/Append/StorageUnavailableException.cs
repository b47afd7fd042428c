namespace PromHost.Storage;

/// <summary>The storage takes no writes at present; the text says why and is fit for the client.</summary>
public sealed class StorageUnavailableException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong, for the client.</param>
    /// <param name="retryAfter">When trying again may help; null when only an operator can help.</param>
    /// <param name="innerException">The cause.</param>
    public StorageUnavailableException(string message, TimeSpan? retryAfter, Exception? innerException = null)
        : base(message, innerException) => RetryAfter = retryAfter;

    /// <summary>When trying again may help; null when only an operator can help.</summary>
    public TimeSpan? RetryAfter { get; }
}
