namespace PromHost.PromQL;

/// <summary>A function call. The arguments fit <see cref="Function"/>: the parser has checked them.</summary>
public sealed record Call : Expression
{
    /// <summary>Creates a call.</summary>
    /// <param name="function">The signature.</param>
    /// <param name="arguments">The arguments; not copied.</param>
    /// <param name="position">Where it stands.</param>
    public Call(Function function, IReadOnlyList<Expression> arguments, PositionRange position)
        : base(position)
    {
        Function = function;
        Arguments = arguments;
        Height = 1 + (arguments.Count == 0 ? 0 : arguments.Max(static a => a.Height));
    }

    /// <summary>The signature of the called function.</summary>
    public Function Function { get; init; }

    /// <summary>The arguments in order.</summary>
    public IReadOnlyList<Expression> Arguments { get; init; }

    /// <inheritdoc/>
    public override ValueType Type => Function.ReturnType;

    /// <inheritdoc/>
    public override IReadOnlyList<Expression> Children => Arguments;
}
