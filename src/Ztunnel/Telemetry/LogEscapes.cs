using System.Buffers;

namespace Ztunnel.Telemetry;

/// <summary>What a quoted value may not contain as it is: a peer's text must not be able to forge a line.</summary>
internal static class LogEscapes
{
    private const string Controls =
        "\0\u0001\u0002\u0003\u0004\u0005\u0006\a\b\t\n\v\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017"
        + "\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f";

    // C1 controls move terminals too.
    private const string HighControls =
        "\u007f\u0080\u0081\u0082\u0083\u0084\u0085\u0086\u0087\u0088\u0089\u008a\u008b\u008c\u008d\u008e\u008f"
        + "\u0090\u0091\u0092\u0093\u0094\u0095\u0096\u0097\u0098\u0099\u009a\u009b\u009c\u009d\u009e\u009f";

    public static SearchValues<char> Text { get; } = SearchValues.Create(Controls + HighControls + "\"\\");

    public static SearchValues<char> Json { get; } = SearchValues.Create(Controls + "\"\\");

    /// <summary>Control characters alone: messages are not quoted, so quotes may stay.</summary>
    public static SearchValues<char> Message { get; } = SearchValues.Create(Controls + HighControls);

    public static void AppendText(LogBuffer buffer, char special)
    {
        ReadOnlySpan<byte> known = special switch
        {
            '"' => "\\\""u8,
            '\\' => "\\\\"u8,
            '\n' => "\\n"u8,
            '\r' => "\\r"u8,
            '\t' => "\\t"u8,
            '\0' => "\\0"u8,
            _ => default,
        };
        if (!known.IsEmpty)
        {
            buffer.Append(known);
            return;
        }

        buffer.Append("\\u{"u8);
        buffer.Append((int)special, "x");
        buffer.Append((byte)'}');
    }

    public static void AppendJson(LogBuffer buffer, char special)
    {
        ReadOnlySpan<byte> known = special switch
        {
            '"' => "\\\""u8,
            '\\' => "\\\\"u8,
            '\n' => "\\n"u8,
            '\r' => "\\r"u8,
            '\t' => "\\t"u8,
            '\b' => "\\b"u8,
            '\f' => "\\f"u8,
            _ => default,
        };
        if (!known.IsEmpty)
        {
            buffer.Append(known);
            return;
        }

        buffer.Append("\\u"u8);
        buffer.Append((int)special, "x4");
    }
}
