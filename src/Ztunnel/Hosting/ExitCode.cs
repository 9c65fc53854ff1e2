namespace Ztunnel.Hosting;

/// <summary>How the process ends, as Kubernetes sees it.</summary>
internal static class ExitCode
{
    /// <summary>Drained, interrupted twice, or answered a question.</summary>
    public const int Success = 0;

    /// <summary>Could not start, or could not go on; the reason is the last line.</summary>
    public const int Failure = 1;
}
