namespace Ztunnel.Telemetry;

/// <summary>One named task of <see cref="ReadinessTasks"/>. Saying the same twice changes nothing.</summary>
internal sealed class ReadinessTask(ReadinessTasks tasks, string name)
{
    public void Complete() => tasks.Complete(name);

    /// <summary>Back to pending: what was reached is lost, such as the connection to the CNI agent.</summary>
    public void Reopen() => tasks.Reopen(name);
}
