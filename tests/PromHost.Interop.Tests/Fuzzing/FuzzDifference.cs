namespace PromHost.Interop.Tests;

/// <summary>A difference between PromHost's answer and Prometheus's.</summary>
/// <param name="Aspect">In what.</param>
/// <param name="Ours">PromHost's part of the answer; empty for none.</param>
/// <param name="Theirs">Prometheus's.</param>
internal sealed record FuzzDifference(FuzzAspect Aspect, string Ours, string Theirs)
{
    /// <summary>Is it a warning or info of PromHost that begins so?</summary>
    public bool IsOurAnnotation(string text) => Aspect == FuzzAspect.Annotation &&
        Ours.Contains($": {text}", StringComparison.Ordinal);

    public override string ToString() => $"{Aspect}\n    ours   {Ours}\n    theirs {Theirs}";
}
