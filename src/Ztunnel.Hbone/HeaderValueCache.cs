using System.Text;

namespace Ztunnel.Hbone;

/// <summary>
/// Remembers the last value of a field: what repeats on a connection is one string, not one per stream.
/// </summary>
internal struct HeaderValueCache
{
    private string? _last;

    public string Get(ReadOnlySpan<byte> value)
    {
        if (_last is null || !Ascii.Equals(value, _last))
        {
            _last = Encoding.Latin1.GetString(value);
        }

        return _last;
    }
}
