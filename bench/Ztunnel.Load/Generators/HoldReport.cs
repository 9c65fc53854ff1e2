namespace Ztunnel.Load.Generators;

/// <summary>One round over all held connections.</summary>
/// <param name="Answered">Connections that got their byte back.</param>
internal sealed record HoldReport(int Answered, int Errors, double Seconds);
