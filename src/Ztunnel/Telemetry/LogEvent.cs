using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Ztunnel.Telemetry;

/// <summary>
/// One line with structured fields, written as UTF-8 while it is described. Begin it only after asking whether the
/// level is on, and end it with <see cref="Write"/>. For dotted or conditional fields and for hot lines; everything
/// else is a <c>[LoggerMessage]</c>.
/// </summary>
internal ref struct LogEvent
{
    private readonly ScopeLogger _logger;
    private readonly LogBuffer _line;
    private readonly LogLevel _level;
    private bool _hasFields;

    internal LogEvent(ScopeLogger logger, LogLevel level, LogBuffer line)
    {
        (_logger, _level, _line) = (logger, level, line);
        IsJson = logger.Format == LogFormat.Json;
    }

    private bool IsJson { get; }

    /// <summary>Quoted and escaped.</summary>
    public void Field(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<char> value)
    {
        Key(name);
        _line.Append((byte)'"');
        if (IsJson)
        {
            _line.AppendJson(value);
        }
        else
        {
            _line.AppendEscaped(value);
        }

        _line.Append((byte)'"');
    }

    /// <summary>Nothing at all for null and the empty string.</summary>
    public void OptionalField(scoped ReadOnlySpan<byte> name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Field(name, value);
        }
    }

    /// <summary>Bare in text; what would break the line is escaped all the same.</summary>
    public void BareField(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<char> value)
    {
        Key(name);
        if (IsJson)
        {
            _line.Append((byte)'"');
            _line.AppendJson(value);
            _line.Append((byte)'"');
        }
        else
        {
            _line.AppendEscaped(value);
        }
    }

    public void OptionalBareField(scoped ReadOnlySpan<byte> name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            BareField(name, value);
        }
    }

    public void Field(scoped ReadOnlySpan<byte> name, long value)
    {
        Key(name);
        _line.Append(value, default);
    }

    public void Field(scoped ReadOnlySpan<byte> name, double value)
    {
        Key(name);
        _line.Append(value, default);
    }

    public void Field(scoped ReadOnlySpan<byte> name, bool value)
    {
        Key(name);
        _line.Append(value ? "true"u8 : "false"u8);
    }

    /// <summary>An address or another value with a form of its own: bare in text, a string in JSON.</summary>
    public void Field<T>(scoped ReadOnlySpan<byte> name, T value)
        where T : struct, ISpanFormattable
    {
        Key(name);
        if (IsJson)
        {
            _line.Append((byte)'"');
        }

        _line.AppendFormatted(value);
        if (IsJson)
        {
            _line.Append((byte)'"');
        }
    }

    /// <summary>As <c>"12ms"</c>.</summary>
    public void FieldMilliseconds(scoped ReadOnlySpan<byte> name, TimeSpan value)
    {
        Key(name);
        _line.Append((byte)'"');
        _line.Append((long)value.TotalMilliseconds, default);
        _line.Append("ms\""u8);
    }

    /// <summary>Whatever it is: numbers and bools as such, strings quoted, the rest by its text.</summary>
    public void FieldOf(string name, object? value)
    {
        Span<byte> key = stackalloc byte[Math.Min(name.Length * 2, 256)];
        ReadOnlySpan<byte> utf8 = key[..LogFieldName.Write(name, key)];
        switch (value)
        {
            case null:
                break;
            case string text:
                Field(utf8, text);
                break;
            case bool flag:
                Field(utf8, flag);
                break;
            case sbyte or short or int or long or byte or ushort or uint:
                Field(utf8, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case float or double:
                Field(utf8, Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
            case IFormattable formattable:
                BareField(utf8, formattable.ToString(null, CultureInfo.InvariantCulture));
                break;
            default:
                Field(utf8, value.ToString());
                break;
        }
    }

    /// <summary>Ends the line and queues it; waits when the queue is full.</summary>
    public readonly void Write() => _logger.End(_line, _level);

    private void Key(scoped ReadOnlySpan<byte> name)
    {
        if (IsJson)
        {
            _line.Append(",\""u8);
            _line.Append(name);
            _line.Append("\":"u8);
        }
        else
        {
            if (_hasFields)
            {
                _line.Append((byte)' ');
            }

            _line.Append(name);
            _line.Append((byte)'=');
        }

        _hasFields = true;
    }
}
