using System.Text;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>The labels of what <c>absent</c> and <c>absent_over_time</c> report as missing.</summary>
internal static class AbsentLabels
{
    /// <summary>The labels that a selector asks for with exactly one <c>=</c>; none for other expressions.</summary>
    /// <param name="argument">The argument of the function.</param>
    public static Labels Of(Expression argument)
    {
        var selector = argument.WithoutParentheses() switch
        {
            VectorSelector vector => vector,
            MatrixSelector matrix => matrix.Selector,
            _ => null,
        };
        if (selector is null) return Labels.Empty;
        var builder = new LabelsBuilder();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var matcher in selector.Matchers)
        {
            if (string.Equals(matcher.Name, Labels.MetricName, StringComparison.Ordinal)) continue;
            var isEqual = matcher.Type == Model.MatchType.Equal;
            if (isEqual && seen.Add(matcher.Name)) builder.Set(matcher.Name, matcher.Value);
            else builder.Delete(Encoding.UTF8.GetBytes(matcher.Name));
        }

        return builder.ToLabels();
    }
}
