namespace Ztunnel.Config;

/// <summary>A value of the configuration dump, before it becomes JSON or YAML.</summary>
internal abstract record DumpNode
{
    public static implicit operator DumpNode(string? text) => new Scalar(text);

    public static implicit operator DumpNode(bool value) => new Scalar(value);

    public static implicit operator DumpNode(long number) => new Scalar(number);

    /// <summary>Null, a text, a bool or a whole number.</summary>
    internal sealed record Scalar(object? Value) : DumpNode;

    internal sealed record Sequence(IReadOnlyList<DumpNode> Items) : DumpNode;

    internal sealed record Map(IReadOnlyList<(string Name, DumpNode Value)> Fields) : DumpNode;

    /// <summary>One of several forms: <c>!File x</c> in YAML, <c>{"File": x}</c> in JSON.</summary>
    internal sealed record Tagged(string Tag, DumpNode Value) : DumpNode;
}
