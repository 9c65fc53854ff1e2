using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Ztunnel.Config;

/// <summary>Refuses documents nested deeper than any of ours: whoever builds a tree from them recurses.</summary>
internal sealed class DepthLimitedParser(IParser inner) : IParser
{
    private const int MaxDepth = 64;

    private int _depth;

    public ParsingEvent? Current => inner.Current;

    /// <summary>Where the last event ended: some failures of the parser do not say where they are.</summary>
    public Mark Reached { get; private set; } = Mark.Empty;

    public bool MoveNext()
    {
        bool moved = inner.MoveNext();
        Reached = inner.Current?.End ?? Reached;
        _depth += moved ? inner.Current?.NestingIncrease ?? 0 : 0;
        return _depth <= MaxDepth
            ? moved
            : throw new YamlException(inner.Current!.Start, inner.Current.End, "nested too deeply");
    }
}
