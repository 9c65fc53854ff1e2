namespace Ztunnel.Hbone.Http2;

[Flags]
internal enum FrameFlags : byte
{
    None = 0,

    /// <summary>DATA and HEADERS.</summary>
    EndStream = 1,

    /// <summary>SETTINGS and PING.</summary>
    Ack = EndStream,

    EndHeaders = 4,
    Padded = 8,
    Priority = 0x20,
}
