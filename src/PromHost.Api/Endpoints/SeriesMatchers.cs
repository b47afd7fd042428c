using PromHost.Model;
using PromHost.PromQL;

namespace PromHost.Api;

/// <summary>The <c>match[]</c> parameters.</summary>
internal static class SeriesMatchers
{
    /// <summary>Reads the selectors; each must rule out the empty series.</summary>
    /// <exception cref="ParseException">One of them is no selector.</exception>
    /// <exception cref="ApiException">One of them matches everything.</exception>
    public static IReadOnlyList<IReadOnlyList<LabelMatcher>> Read(RequestParameters parameters)
    {
        var sets = Parser.ParseMetricSelectors(parameters.GetAll("match[]"));
        foreach (var set in sets)
        {
            if (set.All(matcher => matcher.MatchesEmpty))
            {
                throw new ApiException(
                    ApiErrorType.BadData, "match[] must contain at least one non-empty matcher");
            }
        }

        return sets;
    }
}
