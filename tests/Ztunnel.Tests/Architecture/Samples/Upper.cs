namespace Ztunnel.Tests.Architecture.Samples.Proxy;

internal class Upper
{
    public static int Number { get; set; }

    public static Task<Upper?> FindAsync() => Task.FromResult<Upper?>(null);
}
