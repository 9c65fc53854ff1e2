namespace Ztunnel.Hosting;

/// <summary>What the first argument asks for.</summary>
internal enum Command
{
    /// <summary>Nothing or <c>proxy</c>.</summary>
    Run,

    Version,

    Help,

    Unknown,
}
