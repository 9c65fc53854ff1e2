namespace Ztunnel.Lab;

/// <summary>A value with a local tag: <c>!Exact text</c>, or the tag alone.</summary>
public sealed record YamlTag(string Name, string? Value = null);
