namespace Ztunnel.Hosting;

/// <summary>
/// The command line. The first argument counts; what follows is accepted and recorded, because the chart passes a name
/// there (<c>proxy ztunnel</c>). A parser library would refuse that.
/// </summary>
/// <param name="Name">The first argument, or the empty text.</param>
/// <param name="Arguments">All of them, for the dump.</param>
internal sealed record CommandLine(Command Command, string Name, string Arguments)
{
    public const string Help = """
        Istio Ztunnel

        Commands:
        proxy (default) - Start the ztunnel proxy
        version         - Print the version of ztunnel
        help            - Print commands and version of ztunnel

        Settings come from the environment; see docs/configuration.md.

        """;

    public static CommandLine Parse(string[] arguments)
    {
        string name = arguments.Length > 0 ? arguments[0] : "";
        Command command = name switch
        {
            _ when arguments.Length == 0 => Command.Run,
            "proxy" => Command.Run,
            "version" => Command.Version,
            "help" => Command.Help,
            _ => Command.Unknown,
        };
        return new CommandLine(command, name, string.Join(' ', arguments));
    }
}
