namespace Ztunnel.State;

internal enum StringMatchKind
{
    Exact,
    Prefix,
    Suffix,

    /// <summary>Any text but the empty one.</summary>
    Presence,
}
