using Grpc.Core;
using Ztunnel.Config;

namespace Ztunnel.ControlPlane;

/// <summary>What every call to the control plane carries: token, cluster, and what the operator added.</summary>
/// <param name="token">Null: neither token nor cluster is sent.</param>
/// <param name="extra">Names in lower case.</param>
internal sealed class ControlPlaneHeaders(
    AuthToken? token, string clusterId, IReadOnlyList<KeyValuePair<string, string>> extra)
{
    /// <exception cref="ControlPlaneException">There is no usable token; the text never holds it.</exception>
    public async ValueTask<Metadata> ReadAsync(CancellationToken cancellation)
    {
        Metadata headers = [];
        if (token is not null)
        {
            headers.Add("authorization", $"Bearer {await TokenAsync(token, cancellation)}");
            headers.Add("clusterid", clusterId);
        }

        foreach ((string name, string value) in extra)
        {
            headers.Add(name, value);
        }

        return headers;
    }

    // Read for every call: the kubelet replaces the file long before the token expires.
    private static async Task<string> TokenAsync(AuthToken source, CancellationToken cancellation)
    {
        string text;
        try
        {
            text = source.Path is null ? source.Literal! : await File.ReadAllTextAsync(source.Path, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ControlPlaneException($"token file: {e.Message}", e);
        }

        string trimmed = text.TrimEnd(); // editors and kubectl leave a newline, which is no part of a header
        return trimmed.Length > 0 && trimmed.All(static c => c is > ' ' and <= '~')
            ? trimmed
            : throw new ControlPlaneException(
                $"token from {source} is {(trimmed.Length == 0 ? "empty" : "not visible ASCII")}");
    }
}
