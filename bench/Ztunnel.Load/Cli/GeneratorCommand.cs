using System.CommandLine;
using System.Text.Json;
using Ztunnel.Linux;
using Ztunnel.Load.Generators;

namespace Ztunnel.Load.Cli;

/// <summary>What the tool starts itself as inside the pods. Hidden: its arguments are nobody else's business.</summary>
internal sealed class GeneratorCommand : Command
{
    public new const string Name = "generate";

    private readonly Argument<InetEndpoint> _target = new("target")
    {
        CustomParser = result => InetEndpoint.Parse(result.Tokens[0].Value),
    };

    private readonly Option<int> _connections = new("--connections") { DefaultValueFactory = _ => 1 };
    private readonly Option<int> _size = new("--size") { DefaultValueFactory = _ => 64 };
    private readonly Argument<string> _name = new("name");
    private readonly Option<int> _window = new("--window") { DefaultValueFactory = _ => 64 };
    private readonly Option<double> _seconds = new("--seconds") { DefaultValueFactory = _ => 8 };
    private readonly Option<bool> _reconnect = new("--reconnect");
    private readonly Option<bool> _reverse = new("--reverse");

    public GeneratorCommand()
        : base(Name)
    {
        Hidden = true;
        Command serve = new("serve");
        serve.SetAction(_ => LoadServer.Run(LoadThreads.Suitable, () => Console.Out.WriteLine("listening")));
        Add(serve);

        Command stream = new("stream") { _target, _connections, _seconds, _reverse };
        stream.SetAction(parsed => Print(StreamLoad.Run(new StreamOptions(
            parsed.GetValue(_target),
            parsed.GetValue(_connections),
            parsed.GetValue(_seconds),
            parsed.GetValue(_reverse)))));
        Add(stream);

        Command request = new("request") { _target, _connections, _size, _seconds, _reconnect };
        request.SetAction(parsed => Print(RequestLoad.Run(new RequestOptions(
            parsed.GetValue(_target),
            parsed.GetValue(_connections),
            parsed.GetValue(_size),
            parsed.GetValue(_seconds),
            parsed.GetValue(_reconnect)))));
        Add(request);

        Command dns = new("dns") { _target, _name, _window, _seconds };
        dns.SetAction(parsed => Print(DnsLoad.Run(new DnsLoadOptions(
            parsed.GetValue(_target),
            parsed.GetValue(_name)!,
            parsed.GetValue(_window),
            parsed.GetValue(_seconds)))));
        Add(dns);

        Command hold = new("hold") { _target, _connections };
        hold.SetAction(parsed => Hold(new HoldOptions(parsed.GetValue(_target), parsed.GetValue(_connections))));
        Add(hold);
    }

    private static void Hold(HoldOptions options)
    {
        using HoldLoad load = new(options);
        Print(load.Round());
        if (Console.In.ReadLine() is not null) // the end of input: whoever started us is gone
        {
            Print(load.Round());
        }
    }

    private static void Print<T>(T report)
    {
        Console.Out.WriteLine(JsonSerializer.Serialize(report));
        Console.Out.Flush();
    }
}
