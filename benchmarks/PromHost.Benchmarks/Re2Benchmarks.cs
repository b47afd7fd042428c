using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using PromHost.Model;

namespace PromHost.Benchmarks;

/// <summary>
/// Matching 10 000 pod names as label matchers do; the figures are per name, those of compiling per pattern.
/// </summary>
public class Re2Benchmarks
{
    private const int Names = 10_000;
    private readonly byte[][] _names = new byte[Names][];
    private readonly Re2 _prefix = Re2.CompileAnchored("node-exporter-00.*");
    private readonly Re2 _contains = Re2.CompileAnchored(".*-00a.*");
    private readonly Re2 _automaton = Re2.CompileAnchored("node-exporter-[0-9a-f]{4}-(0|7|a)[0-9a-f]+(11|e)");
    private readonly Re2 _caseless = Re2.CompileAnchored("(?i)NODE-EXPORTER-.*F");
    private readonly Re2 _thousand;
    private readonly string _thousandPattern;

    public Re2Benchmarks()
    {
        for (var i = 0; i < Names; i++) _names[i] = Encoding.ASCII.GetBytes(Pod(i));
        _thousandPattern = string.Join('|', Enumerable.Range(0, 1000).Select(i => Pod(i * 7)));
        _thousand = Re2.CompileAnchored(_thousandPattern);
    }

    [Benchmark(OperationsPerInvoke = Names)]
    public int Prefix() => Count(_prefix);

    [Benchmark(OperationsPerInvoke = Names)]
    public int Contains() => Count(_contains);

    [Benchmark(OperationsPerInvoke = Names)]
    public int Automaton() => Count(_automaton);

    [Benchmark(OperationsPerInvoke = Names)]
    public int Caseless() => Count(_caseless);

    [Benchmark(OperationsPerInvoke = Names)]
    public int ThousandAlternatives() => Count(_thousand);

    [Benchmark]
    public Re2 CompileSmall() => Re2.CompileAnchored("node-exporter-[0-9a-f]{4}-(0|7|a)[0-9a-f]+(11|e)");

    [Benchmark]
    public Re2 CompileThousandAlternatives() => Re2.CompileAnchored(_thousandPattern);

    /// <summary>Compiling, and the first walk, which makes the states of the automaton.</summary>
    [Benchmark]
    public bool CompileAndMatchOnce() =>
        Re2.CompileAnchored("node-exporter-[0-9a-f]{4}-(0|7|a)[0-9a-f]+(11|e)").IsMatch(_names[0]);

    private static string Pod(int i) =>
        string.Create(CultureInfo.InvariantCulture, $"node-exporter-{i:x4}-{(uint)i * 2654435761u:x8}");

    private int Count(Re2 expression)
    {
        var count = 0;
        foreach (var name in _names)
        {
            if (expression.IsMatch(name)) count++;
        }

        return count;
    }
}
