namespace Ztunnel.Linux;

/// <summary>Either a continuation or the slot of a handler whose readiness is remembered there.</summary>
internal readonly record struct DeferredWork(IContinuation? Continuation, HandlerSlot? Slot);
