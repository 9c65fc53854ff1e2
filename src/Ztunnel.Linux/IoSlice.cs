namespace Ztunnel.Linux;

/// <summary>struct iovec (&lt;sys/uio.h&gt;): one piece of a gathered send or a scattered read. Points to memory that does not move.</summary>
public readonly unsafe struct IoSlice(byte* start, nint length)
{
    public byte* Start { get; } = start;

    public nint Length { get; } = length;
}
