using System.Globalization;
using System.Numerics;

namespace Ztunnel.Config;

/// <summary>
/// Reads durations as operators write them: <c>5m</c>, <c>3m31s</c>, <c>1h+30m</c>, <c>1m*10</c>, <c>90</c> (seconds).
/// </summary>
internal ref struct DurationText
{
    private static readonly Dictionary<string, long> Units = new(StringComparer.OrdinalIgnoreCase)
    {
        ["y"] = 365 * Day,
        ["year"] = 365 * Day,
        ["years"] = 365 * Day,
        ["mon"] = 30 * Day,
        ["month"] = 30 * Day,
        ["months"] = 30 * Day,
        ["w"] = 7 * Day,
        ["week"] = 7 * Day,
        ["weeks"] = 7 * Day,
        ["d"] = Day,
        ["day"] = Day,
        ["days"] = Day,
        ["h"] = 3600 * Second,
        ["hr"] = 3600 * Second,
        ["hour"] = 3600 * Second,
        ["hours"] = 3600 * Second,
        ["m"] = 60 * Second,
        ["min"] = 60 * Second,
        ["minute"] = 60 * Second,
        ["minutes"] = 60 * Second,
        ["s"] = Second,
        ["sec"] = Second,
        ["second"] = Second,
        ["seconds"] = Second,
        ["ms"] = 1_000_000,
        ["msec"] = 1_000_000,
        ["millisecond"] = 1_000_000,
        ["milliseconds"] = 1_000_000,
        ["us"] = 1000,
        ["µs"] = 1000,
        ["usec"] = 1000,
        ["µsec"] = 1000,
        ["microsecond"] = 1000,
        ["microseconds"] = 1000,
        ["ns"] = 1,
        ["nsec"] = 1,
        ["nanosecond"] = 1,
        ["nanoseconds"] = 1,
    };

    private const long Second = 1_000_000_000;
    private const long Day = 86_400 * Second;
    private const int NanosecondsPerTick = 100;

    private ReadOnlySpan<char> _rest;

    private DurationText(ReadOnlySpan<char> text) => _rest = text;

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        var reader = new DurationText(text.Trim());
        if (!reader.TryReadSum(out BigInteger nanoseconds) || nanoseconds / NanosecondsPerTick > long.MaxValue)
        {
            return false;
        }

        duration = TimeSpan.FromTicks((long)(nanoseconds / NanosecondsPerTick));
        return true;
    }

    private bool TryReadSum(out BigInteger sum)
    {
        sum = BigInteger.Zero;
        do
        {
            if (!TryReadProduct(out BigInteger product))
            {
                return false;
            }

            sum += product;
        }
        while (TryTake('+'));

        return _rest.IsEmpty;
    }

    private bool TryReadProduct(out BigInteger product)
    {
        if (!TryReadTerms(out product))
        {
            return false;
        }

        while (TryTake('*'))
        {
            if (!TryReadTerms(out BigInteger factor))
            {
                return false;
            }

            product = product * factor / Second; // a bare number counts as seconds: so it is the plain factor here
        }

        return true;
    }

    // 3m31s: one or more terms without anything between.
    private bool TryReadTerms(out BigInteger terms)
    {
        terms = BigInteger.Zero;
        if (!TryReadTerm(out BigInteger term))
        {
            return false;
        }

        do
        {
            terms += term;
            _rest = _rest.TrimStart();
        }
        while (!_rest.IsEmpty && char.IsAsciiDigit(_rest[0]) && TryReadTerm(out term));

        return true;
    }

    private bool TryReadTerm(out BigInteger nanoseconds)
    {
        nanoseconds = BigInteger.Zero;
        int digits = 0;
        while (digits < _rest.Length && char.IsAsciiDigit(_rest[digits]))
        {
            digits++;
        }

        if (digits == 0 || !ulong.TryParse(_rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
        {
            return false;
        }

        int end = digits;
        while (end < _rest.Length && char.IsLetter(_rest[end]))
        {
            end++;
        }

        // The micro sign comes in two code points; one of them is what this file holds.
        string unit = _rest[digits..end].ToString().Replace('μ', 'µ');
        long size = Second;
        if (unit.Length > 0 && !Units.TryGetValue(unit, out size))
        {
            return false;
        }

        nanoseconds = (BigInteger)number * size;
        _rest = _rest[end..];
        return true;
    }

    private bool TryTake(char sign)
    {
        _rest = _rest.TrimStart();
        if (_rest.IsEmpty || _rest[0] != sign)
        {
            return false;
        }

        _rest = _rest[1..].TrimStart();
        return true;
    }
}
