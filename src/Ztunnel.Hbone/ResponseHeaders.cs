using Ztunnel.Hbone.Http2.Hpack;

namespace Ztunnel.Hbone;

/// <summary>
/// Checks a response's header list (RFC 9113 §8.3.2) and keeps status and baggage. One per connection.
/// </summary>
internal sealed class ResponseHeaders : IHeaderSink
{
    private BaggageLines _baggage;
    private bool _hasRegular;

    /// <summary>0 until it came.</summary>
    public int Status { get; private set; }

    /// <summary>Why the response is malformed, or null.</summary>
    public string? Defect { get; private set; }

    public void Reset()
    {
        _baggage.Reset();
        (Status, _hasRegular, Defect) = (0, false, null);
    }

    /// <summary>Null when malformed.</summary>
    public Http2Response? Complete()
    {
        Defect ??= Status switch
        {
            0 => "no :status",
            101 => "101 does not exist in HTTP/2", // §8.6
            _ => null,
        };
        return Defect is null ? new Http2Response(Status, _baggage.Text, _baggage.Parsed) : null;
    }

    public void OnField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Defect is not null)
        {
            return;
        }

        if (!HeaderRules.IsValue(value))
        {
            Defect = "field value with forbidden octets";
        }
        else if (!name.IsEmpty && name[0] == (byte)':')
        {
            bool isStatus = !_hasRegular && Status == 0 && name.SequenceEqual(":status"u8);
            Status = isStatus ? ParseStatus(value) : 0;
            Defect = Status == 0 ? "bad pseudo-header field" : null;
        }
        else
        {
            _hasRegular = true;
            TakeRegular(name, value);
        }
    }

    private void TakeRegular(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!HeaderRules.IsName(name) || HeaderRules.IsConnectionSpecific(name, value))
        {
            Defect = "field name not allowed";
        }
        else if (name.SequenceEqual("baggage"u8))
        {
            _baggage.Add(value);
        }
    }

    // Three digits, 100 to 999 (RFC 9110 §15); 0 for anything else.
    private static int ParseStatus(ReadOnlySpan<byte> value) =>
        value.Length == 3 && value[0] != (byte)'0' && value.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
            ? ((value[0] - '0') * 100) + ((value[1] - '0') * 10) + value[2] - '0'
            : 0;
}
