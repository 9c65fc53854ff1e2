namespace Ztunnel.Hbone;

/// <summary>The final response to a CONNECT.</summary>
public sealed record Http2Response(int Status, string? BaggageText, Baggage? Baggage);
