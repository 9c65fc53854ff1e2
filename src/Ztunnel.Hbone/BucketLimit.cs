namespace Ztunnel.Hbone;

/// <summary>A token bucket's size and refill.</summary>
public readonly record struct BucketLimit(int Burst, int PerSecond);
