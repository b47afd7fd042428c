// Hot path: the range functions that look at each window anew or at its ends only.
namespace PromHost.PromQL;

/// <summary><c>count_over_time</c></summary>
internal readonly struct CountOverTime : IWindowFunction
{
    public static double Compute(in RangeWindow window) => window.Count;
}

/// <summary><c>present_over_time</c>, and what <c>absent_over_time</c> asks for.</summary>
internal readonly struct PresentOverTime : IWindowFunction
{
    public static double Compute(in RangeWindow window) => 1;
}

/// <summary><c>first_over_time</c></summary>
internal readonly struct FirstOverTime : IWindowFunction
{
    public static double Compute(in RangeWindow window) => window.Values[window.First];
}

/// <summary><c>last_over_time</c></summary>
internal readonly struct LastOverTime : IWindowFunction
{
    public static double Compute(in RangeWindow window) => window.Values[window.End - 1];
}

/// <summary><c>ts_of_first_over_time</c>, in seconds.</summary>
internal readonly struct TsOfFirstOverTime : IWindowFunction
{
    public static double Compute(in RangeWindow window) => window.TimestampsMs[window.First] / 1000.0;
}

/// <summary><c>ts_of_last_over_time</c>, in seconds.</summary>
internal readonly struct TsOfLastOverTime : IWindowFunction
{
    public static double Compute(in RangeWindow window) => window.TimestampsMs[window.End - 1] / 1000.0;
}
