using PromHost.PromQL;

namespace PromHost.Api;

/// <summary>What the server knows of an expression without evaluating it.</summary>
internal static class SyntaxEndpoints
{
    /// <summary><c>/api/v1/format_query</c>: the expression in normal form, on several lines if long.</summary>
    public static ValueTask HandleFormatAsync(ApiCall call)
    {
        var json = call.BeginSuccess();
        json.Text(Prettifier.Prettify(Parse(call)));
        ApiCall.EndSuccess(ref json);
        return ValueTask.CompletedTask;
    }

    /// <summary><c>/api/v1/parse_query</c>: the expression's syntax tree.</summary>
    public static ValueTask HandleParseAsync(ApiCall call)
    {
        var json = call.BeginSuccess();
        ExpressionJson.Write(ref json, Parse(call));
        ApiCall.EndSuccess(ref json);
        return ValueTask.CompletedTask;
    }

    private static Expression Parse(ApiCall call)
    {
        try
        {
            return Parser.ParseExpression(call.Parameters.Get("query"), call.Services.Engine.Syntax);
        }
        catch (ParseException e)
        {
            throw ApiException.InvalidParameter("query", e.Message);
        }
    }
}
