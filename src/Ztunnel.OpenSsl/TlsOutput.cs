using System.Runtime.InteropServices;

namespace Ztunnel.OpenSsl;

/// <summary>
/// Ciphertext on its way out. A worker owns one and lends it to each call; sessions append, the worker sends and
/// clears. Unmanaged, because libssl writes into it from a callback and the kernel reads from it.
/// </summary>
public sealed unsafe class TlsOutput : IDisposable
{
    private TlsOutputBlock* _block;

    public TlsOutput(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _block = (TlsOutputBlock*)NativeMemory.AllocZeroed((nuint)sizeof(TlsOutputBlock));
        try
        {
            _block->Reserve(capacity);
        }
        catch
        {
            Free();
            throw;
        }
    }

    ~TlsOutput() => Free();

    /// <summary>Valid until the next call that appends.</summary>
    public byte* Start => Block->Start;

    public int Length => Block->Length;

    public int Capacity => Block->Capacity;

    public ReadOnlySpan<byte> Bytes => new(Block->Start, Block->Length);

    internal TlsOutputBlock* Block
    {
        get
        {
            ObjectDisposedException.ThrowIf(_block == null, this);
            return _block;
        }
    }

    public void Clear() => Block->Length = 0;

    /// <summary>Gives back what a burst made it grow to, if nothing is waiting in it.</summary>
    public void Trim(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        if (Length == 0 && Capacity > capacity)
        {
            Block->Resize(capacity);
        }
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_block != null)
        {
            NativeMemory.Free(_block->Start);
            NativeMemory.Free(_block);
            _block = null;
        }
    }
}
