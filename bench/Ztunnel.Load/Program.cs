using System.CommandLine;
using System.ComponentModel;
using Ztunnel.Lab;
using Ztunnel.Load.Cases;
using Ztunnel.Load.Cli;
using Ztunnel.Load.Scale;

LoadOptions options = new();
RootCommand root = new(
    "Drives whole ztunnel processes in network namespaces and measures what they do and what it costs. Root is needed. "
    + "A machine is noisy: only ratios within one run mean anything, and CPU per unit of work is steadier than rates.")
{
    new LoadCommand("all", "Every case.", CaseCatalog.All, options),
    new LoadCommand("throughput", "Bytes: one stream, one in reverse, eight.", CaseCatalog.Throughput, options),
    new LoadCommand("latency", "Requests: one at a time; 64 connections.", CaseCatalog.Latency, options),
    new LoadCommand("connections", "Connect, one request, close; 16 at a time.", CaseCatalog.Connections, options),
    new LoadCommand("dns", "Questions about a name of the mesh over UDP.", CaseCatalog.Dns, options),
    new LoadCommand("hold", "10,000 open connections: memory, and all of them answered.", CaseCatalog.Hold, options),
    new ScaleCommand(options),
    new GeneratorCommand(),
};

// The namespaces and processes of a run that is interrupted are taken away before the process ends.
InvocationConfiguration invocation = new()
{
    EnableDefaultExceptionHandler = false,
    ProcessTerminationTimeout = TimeSpan.FromSeconds(20),
};
try
{
    return await root.Parse(args).InvokeAsync(invocation);
}
catch (Exception failure) when (failure is LabException or Win32Exception or AggregateException)
{
    await Console.Error.WriteLineAsync(failure.Message);
    return 2;
}
catch (OperationCanceledException) // SIGINT or SIGTERM
{
    return 130;
}
