using Microsoft.Win32.SafeHandles;

namespace Ztunnel.Linux;

/// <summary>
/// One packet as received: its length in the caller's buffer (0 is the end) and the descriptors beside it.
/// </summary>
/// <param name="Descriptors">The receiver's now: close-on-exec, to be disposed by whoever does not keep them.</param>
/// <param name="Truncated">The packet was longer than the buffer (MSG_TRUNC).</param>
/// <param name="ControlTruncated">Descriptors were lost on the way (MSG_CTRUNC).</param>
public readonly record struct SeqPacket(
    int Length, SafeFileHandle[] Descriptors, bool Truncated, bool ControlTruncated);
