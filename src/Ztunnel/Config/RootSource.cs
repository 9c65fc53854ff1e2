namespace Ztunnel.Config;

internal enum RootSource
{
    File,

    /// <summary>The operating system's trust store.</summary>
    System,

    /// <summary>PEM text in the variable itself.</summary>
    Inline,
}
