namespace Ztunnel.Config;

/// <summary>The bearer token for the control plane: a file that is read again for every call, or the text itself.</summary>
/// <param name="Path">Null when the token was given literally.</param>
/// <param name="Literal">Null when the token comes from a file.</param>
internal sealed record AuthToken(string? Path, string? Literal)
{
    private const string Default = "./var/run/secrets/tokens/istio-token";

    /// <summary>Null: calls carry no token. Whether the file exists is looked up once.</summary>
    public static AuthToken? From(EnvironmentReader env)
    {
        string? value = env.Text("AUTH_TOKEN");
        return File.Exists(value ?? Default) ? new AuthToken(value ?? Default, null)
            : value is null ? null
            : new AuthToken(null, value);
    }

    public override string ToString() => Path ?? "(literal)";
}
