using Ztunnel.Lab;

namespace Ztunnel.NodeTests;

/// <summary>Changes of a proxy's options, written shortly.</summary>
internal static class Settings
{
    public static ZtunnelOptions With(
        this ZtunnelOptions options, params ReadOnlySpan<(string Name, string? Value)> variables)
    {
        Dictionary<string, string?> environment = new(options.Environment);
        foreach ((string name, string? value) in variables)
        {
            environment[name] = value;
        }

        return options with { Environment = environment };
    }
}
