using Ztunnel.Config;

namespace Ztunnel.Tests.Config;

internal static class Env
{
    public const string NoMeshFile = "/nonexistent/mesh";

    public static EnvironmentReader Of(params (string Name, string Value)[] variables) =>
        new(variables.ToDictionary(variable => variable.Name, variable => variable.Value));

    public static ProxyConfig Read(params (string Name, string Value)[] variables) =>
        ProxyConfig.From(Of(variables), NoMeshFile, logicalCores: 8, "proxy ztunnel");

    /// <summary>The one line with which the settings are refused.</summary>
    public static string Refusal(params (string Name, string Value)[] variables)
    {
        string message = Assert.Throws<ConfigException>(() => Read(variables)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }
}
