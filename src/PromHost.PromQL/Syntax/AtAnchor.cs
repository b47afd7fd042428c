namespace PromHost.PromQL;

/// <summary>Which end of the query's range an <c>@</c> modifier names.</summary>
public enum AtAnchor
{
    /// <summary>None: there is no <c>@</c>, or it holds a timestamp.</summary>
    None,

    /// <summary><c>@ start()</c>.</summary>
    Start,

    /// <summary><c>@ end()</c>.</summary>
    End,
}
