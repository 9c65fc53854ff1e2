using System.Text;

namespace Ztunnel.Xds.Readers;

/// <summary>Text in a message: UTF-8, and known to be that (<see cref="WireReader.Text"/>).</summary>
internal static class WireText
{
    /// <summary>The text, or the one object that says it already, if that is the one.</summary>
    public static string Read(ReadOnlySpan<byte> utf8, string? known) =>
        known is not null && Is(utf8, known) ? known : Encoding.UTF8.GetString(utf8);

    /// <summary>False also for what is not ASCII, which is then told apart as a text.</summary>
    public static bool Is(ReadOnlySpan<byte> utf8, string text) => Ascii.Equals(utf8, text);
}
