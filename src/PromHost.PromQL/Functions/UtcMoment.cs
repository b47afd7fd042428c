namespace PromHost.PromQL;

/// <summary>A second in the Gregorian calendar, which is taken to hold for all times.</summary>
internal readonly struct UtcMoment
{
    private const long SecondsPerDay = 86400;
    private const int DaysPer400Years = 146097;
    private const int DaysPer100Years = 36524;
    private const int DaysPer4Years = 1461;

    // Years are counted from one so far back that no time comes before it, and that begins a cycle of 400 as 2001 does.
    private const long FirstYear = -292277022399;
    private const ulong EpochSeconds = 9223372028715321600;

    private static readonly ushort[] s_daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

    private readonly int _dayOfYear;
    private readonly int _secondOfDay;

    private UtcMoment(ulong seconds)
    {
        var days = seconds / SecondsPerDay;
        _secondOfDay = (int)(seconds % SecondsPerDay);
        DayOfWeek = (int)((days + 1) % 7);
        var cycles = days / DaysPer400Years;
        var day = (int)(days % DaysPer400Years);
        var centuries = Math.Min(day / DaysPer100Years, 3);
        day -= centuries * DaysPer100Years;
        var leapCycles = day / DaysPer4Years;
        day -= leapCycles * DaysPer4Years;
        var years = Math.Min(day / 365, 3);
        _dayOfYear = day - years * 365;
        Year = (long)cycles * 400 + centuries * 100 + leapCycles * 4 + years + FirstYear;
        var isLeap = years == 3 && (leapCycles != 24 || centuries == 3);
        (Month, DayOfMonth, DaysInMonth) = MonthOf(_dayOfYear, isLeap);
    }

    /// <summary>The year.</summary>
    public long Year { get; }

    /// <summary>The month from 1.</summary>
    public int Month { get; }

    /// <summary>The day of the month from 1.</summary>
    public int DayOfMonth { get; }

    /// <summary>The length of the month.</summary>
    public int DaysInMonth { get; }

    /// <summary>The day of the week; 0 is Sunday.</summary>
    public int DayOfWeek { get; }

    /// <summary>The day of the year from 1.</summary>
    public int DayOfYear => _dayOfYear + 1;

    /// <summary>The hour of the day.</summary>
    public int Hour => _secondOfDay / 3600;

    /// <summary>The minute of the hour.</summary>
    public int Minute => _secondOfDay % 3600 / 60;

    /// <summary>The moment of a time in seconds since the epoch; fractions are cut off.</summary>
    public static UtcMoment Of(double unixSeconds) =>
        new(unchecked((ulong)GoMath.ToInt64(unixSeconds) + EpochSeconds));

    private static (int Month, int Day, int Length) MonthOf(int dayOfYear, bool isLeap)
    {
        const int leapDay = 59;
        if (isLeap && dayOfYear >= leapDay)
        {
            if (dayOfYear == leapDay) return (2, 29, 29);
            dayOfYear--;
        }

        var month = 1;
        while (dayOfYear >= s_daysBefore[month]) month++;
        var length = s_daysBefore[month] - s_daysBefore[month - 1];
        return (month, dayOfYear - s_daysBefore[month - 1] + 1, month == 2 && isLeap ? 29 : length);
    }
}
