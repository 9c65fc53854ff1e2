using Ztunnel.Load.Figures;

namespace Ztunnel.Load.Scale;

/// <summary>What single changes of one kind took.</summary>
internal sealed class ChangeSamples
{
    private readonly List<double> _milliseconds = []; // of each
    private readonly List<double> _cpuMicroseconds = []; // of each turn, for one change

    public void Answered(TimeSpan after) => _milliseconds.Add(after.TotalMilliseconds);

    /// <param name="cpu">The proxy's, for one change of a turn.</param>
    public void Cost(TimeSpan cpu) => _cpuMicroseconds.Add(cpu.TotalMicroseconds);

    public ChangeFigures Median() => new(_milliseconds.Median() ?? 0, _cpuMicroseconds.Median() ?? 0);
}
