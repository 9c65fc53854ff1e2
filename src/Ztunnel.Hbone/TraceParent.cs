namespace Ztunnel.Hbone;

/// <summary>W3C trace context, version 00, as HBONE carries it.</summary>
public readonly record struct TraceParent(UInt128 TraceId, ulong ParentId)
{
}
