namespace Ztunnel.Lab;

/// <summary>What a client said to one response.</summary>
/// <param name="Node">Name of the client's node.</param>
/// <param name="Error">Null is an ACK; else the reason of the NACK.</param>
public sealed record PushAnswer(string Node, string TypeUrl, string Nonce, string? Error);
