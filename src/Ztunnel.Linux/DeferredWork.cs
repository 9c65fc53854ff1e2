namespace Ztunnel.Linux;

/// <summary>
/// Something that waits for its account's next slice: an <see cref="IContinuation"/>, the <see cref="HandlerSlot"/>
/// that remembers the readiness, or a callback with its state.
/// </summary>
/// <param name="Generation">The slot's when it was put off: a later owner of the slot has its own entry.</param>
internal readonly record struct DeferredWork(object Target, object? State = null, uint Generation = 0);
