namespace Ztunnel.Dns.Resolution;

/// <summary>An answer from the mesh.</summary>
/// <param name="Length">Of the message; 0 where there is none.</param>
/// <param name="Records">In its answer section.</param>
internal readonly record struct LocalAnswer(Outcome Outcome, int Length, int Records);
