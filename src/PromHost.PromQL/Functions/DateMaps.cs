namespace PromHost.PromQL;

/// <summary>The functions of a time in seconds since the epoch, in UTC.</summary>
internal static class DateMaps
{
    /// <summary><c>minute</c>: of the hour.</summary>
    public readonly struct Minute : IMap
    {
        public static double Apply(double value) => UtcMoment.Of(value).Minute;
    }

    /// <summary><c>hour</c>: of the day.</summary>
    public readonly struct Hour : IMap
    {
        public static double Apply(double value) => UtcMoment.Of(value).Hour;
    }

    /// <summary><c>day_of_week</c>: 0 is Sunday.</summary>
    public readonly struct DayOfWeek : IMap
    {
        public static double Apply(double value) => UtcMoment.Of(value).DayOfWeek;
    }

    /// <summary><c>day_of_month</c>: from 1.</summary>
    public readonly struct DayOfMonth : IMap
    {
        public static double Apply(double value) => UtcMoment.Of(value).DayOfMonth;
    }

    /// <summary><c>day_of_year</c>: from 1.</summary>
    public readonly struct DayOfYear : IMap
    {
        public static double Apply(double value) => UtcMoment.Of(value).DayOfYear;
    }

    /// <summary><c>days_in_month</c>: 28 to 31.</summary>
    public readonly struct DaysInMonth : IMap
    {
        public static double Apply(double value) => UtcMoment.Of(value).DaysInMonth;
    }

    /// <summary><c>month</c>: from 1.</summary>
    public readonly struct Month : IMap
    {
        public static double Apply(double value) => UtcMoment.Of(value).Month;
    }

    /// <summary><c>year</c>: of the Gregorian calendar.</summary>
    public readonly struct Year : IMap
    {
        public static double Apply(double value) => UtcMoment.Of(value).Year;
    }
}
