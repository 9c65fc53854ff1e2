using System.Runtime.InteropServices;

namespace Ztunnel.OpenSsl;

/// <summary>What a BIO callback needs of a <see cref="TlsOutput"/>: it has a pointer and no managed object.</summary>
internal unsafe struct TlsOutputBlock
{
    public byte* Start;
    public int Length;
    public int Capacity;

    public void Append(byte* from, int count)
    {
        if (count > Capacity - Length)
        {
            Reserve(count);
        }

        NativeMemory.Copy(from, Start + Length, (nuint)count);
        Length += count;
    }

    /// <summary>Room for <paramref name="count"/> more bytes.</summary>
    /// <exception cref="OutOfMemoryException">Nothing is lost of what is there.</exception>
    public void Reserve(int count)
    {
        long needed = (long)Length + count;
        if (needed <= Capacity)
        {
            return;
        }

        if (needed > Array.MaxLength)
        {
            throw new InsufficientMemoryException($"{needed} bytes of TLS output at once");
        }

        Resize((int)Math.Min(Math.Max(needed, 2L * Capacity), Array.MaxLength));
    }

    public void Resize(int capacity)
    {
        Start = (byte*)NativeMemory.Realloc(Start, (nuint)capacity);
        Capacity = capacity;
    }
}
