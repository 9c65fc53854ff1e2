using Ztunnel.Hbone.Http2.Hpack;

namespace Ztunnel.Hbone;

/// <summary>
/// Checks a request's header list (RFC 9113 §8.3, §8.5) and keeps the fields the proxy uses. One per connection, used
/// for one list after the other, so that repeated values are found again.
/// </summary>
internal sealed class RequestHeaders : IHeaderSink
{
    private HeaderValueCache _methods;
    private HeaderValueCache _authorities;
    private HeaderValueCache _forwardedValues;
    private HeaderValueCache _networks;
    private BaggageLines _baggage;

    private string? _method;
    private string? _authority;
    private string? _forwarded;
    private string? _network;
    private TraceParent? _traceParent;
    private bool _hasRegular;
    private bool _hasScheme;
    private bool _hasPath;
    private bool _hasTraceParent;

    /// <summary>Why the request is malformed, or null.</summary>
    public string? Defect { get; private set; }

    public void Reset()
    {
        _baggage.Reset();
        _method = _authority = _forwarded = _network = Defect = null;
        _traceParent = null;
        _hasRegular = _hasScheme = _hasPath = _hasTraceParent = false;
    }

    /// <summary>The checks that need the whole list.</summary>
    public Http2Request? Complete()
    {
        if (_method is null)
        {
            Defect ??= "no :method";
        }
        else if (_method == "CONNECT" ? _hasScheme || _hasPath : !_hasScheme || !_hasPath)
        {
            Defect ??= $"{_method} with the wrong pseudo-header fields";
        }

        return Defect is not null ? null : new Http2Request
        {
            Method = _method!,
            Authority = _authority,
            BaggageText = _baggage.Text,
            Baggage = _baggage.Parsed,
            Forwarded = _forwarded,
            TraceParent = _traceParent,
            ForwardedNetwork = _network,
        };
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
            Defect = _hasRegular ? "pseudo-header field behind a regular one" : TakePseudo(name, value);
        }
        else
        {
            _hasRegular = true;
            Defect = TakeRegular(name, value);
        }
    }

    private string? TakePseudo(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        bool isNew;
        switch (name)
        {
            case var _ when name.SequenceEqual(":method"u8):
                isNew = _method is null && HeaderRules.IsToken(value);
                _method = _methods.Get(value);
                break;
            case var _ when name.SequenceEqual(":authority"u8):
                isNew = _authority is null && HeaderRules.IsAuthority(value);
                _authority = isNew ? _authorities.Get(value) : "";
                break;
            case var _ when name.SequenceEqual(":scheme"u8):
                isNew = !_hasScheme && !value.IsEmpty;
                _hasScheme = true;
                break;
            case var _ when name.SequenceEqual(":path"u8):
                isNew = !_hasPath && !value.IsEmpty;
                _hasPath = true;
                break;
            default: // :protocol too: extended CONNECT is not offered
                isNew = false;
                break;
        }

        return isNew ? null : "pseudo-header field unknown, repeated or with a bad value";
    }

    private string? TakeRegular(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!HeaderRules.IsName(name) || HeaderRules.IsConnectionSpecific(name, value))
        {
            return "field name not allowed";
        }

        switch (name.Length)
        {
            case 7 when name.SequenceEqual("baggage"u8):
                _baggage.Add(value);
                break;
            case 9 when _forwarded is null && name.SequenceEqual("forwarded"u8):
                _forwarded = _forwardedValues.Get(value);
                break;
            case 11 when !_hasTraceParent && name.SequenceEqual("traceparent"u8):
                _hasTraceParent = true;
                _traceParent = TraceParent.TryParse(value, out TraceParent parsed) ? parsed : null;
                break;
            case 19 when _network is null && name.SequenceEqual("x-forwarded-network"u8):
                _network = _networks.Get(value);
                break;
        }

        return null;
    }
}
