namespace Ztunnel.Admin;

/// <summary>The codings we can answer in, best first among equals. (zstd is not in the base library.)</summary>
internal enum ContentCoding
{
    Gzip,
    Brotli,
    Deflate,
    Identity,
}
