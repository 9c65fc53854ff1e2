namespace Ztunnel.Load.Generators;

/// <summary>What came of <see cref="StreamOptions"/>.</summary>
/// <param name="Bytes">That arrived at the far end.</param>
/// <param name="Seconds">Until the last of them had.</param>
internal sealed record StreamReport(long Bytes, double Seconds, int Errors);
