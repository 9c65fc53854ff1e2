namespace Ztunnel.Lab;

/// <summary>One response as it went out.</summary>
/// <param name="Node">Name of the client's node.</param>
public sealed record Push(
    string Node, string TypeUrl, string Nonce, IReadOnlyList<string> Names, IReadOnlyList<string> Removed);
