namespace Ztunnel.Linux;

/// <summary>A worker's handlers by descriptor number, each under a generation that changes when its owner does.</summary>
internal sealed class HandlerTable
{
    // The wake-up's key (see Epoll) has this generation: no slot may ever have it.
    private const uint Reserved = uint.MaxValue;

    private HandlerSlot?[] _slots = new HandlerSlot?[256];

    /// <summary>What epoll carries for a slot and gives back with its events.</summary>
    public static ulong Key(HandlerSlot slot) => ((ulong)slot.Generation << 32) | (uint)slot.Index;

    public HandlerSlot Take(int descriptor, IEpollHandler handler)
    {
        if (descriptor >= _slots.Length)
        {
            Array.Resize(ref _slots, Math.Max(_slots.Length * 2, descriptor + 1));
        }

        HandlerSlot slot = _slots[descriptor] ??= new HandlerSlot(descriptor);
        if (slot.Handler is not null)
        {
            throw new InvalidOperationException($"descriptor {descriptor} is watched already");
        }

        slot.Handler = handler;
        return slot;
    }

    public HandlerSlot Of(int descriptor) =>
        (uint)descriptor < (uint)_slots.Length && _slots[descriptor] is { Handler: not null } slot
            ? slot
            : throw new InvalidOperationException($"descriptor {descriptor} is not watched");

    public HandlerSlot? Find(ulong key)
    {
        uint index = (uint)key;
        return index < (uint)_slots.Length && _slots[index] is { } slot && slot.Generation == (uint)(key >> 32) ? slot : null;
    }

    public bool Release(int descriptor)
    {
        if ((uint)descriptor >= (uint)_slots.Length || _slots[descriptor] is not { Handler: not null } slot)
        {
            return false;
        }

        slot.Handler = null;
        slot.Remembered = EpollEvents.None;
        slot.IsDeferred = false;
        slot.Generation = slot.Generation + 1 == Reserved ? 0 : slot.Generation + 1;
        return true;
    }
}
