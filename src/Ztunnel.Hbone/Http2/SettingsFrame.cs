using System.Buffers.Binary;

namespace Ztunnel.Hbone.Http2;

/// <summary>Reads a SETTINGS payload entry by entry.</summary>
internal static class SettingsFrame
{
    public const int EntrySize = 6;

    /// <summary>Nobody knows so many settings; a longer frame is refused before it is gathered.</summary>
    public const int MaxEntries = 256;

    public static (SettingId Id, uint Value) Read(ReadOnlySpan<byte> entry) =>
        ((SettingId)BinaryPrimitives.ReadUInt16BigEndian(entry), BinaryPrimitives.ReadUInt32BigEndian(entry[2..]));
}
