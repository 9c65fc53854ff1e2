using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Ztunnel.Config;
using Ztunnel.Identity;
using Ztunnel.Protos.Citadel;

namespace Ztunnel.Certificates;

/// <summary>Istio's CA: <c>CreateCertificate</c> over gRPC, authenticated by the node's token.</summary>
internal sealed class CaClient(CaClientOptions options, ILogger logger) : ICertificateAuthority, IDisposable
{
    private const long FallbackLifetimeSeconds = 86_400;

    private readonly CaChannel _channel = new(options, logger);

    public async Task<IReadOnlyList<string>> SignAsync(
        SpiffeId identity, string requestPem, CancellationToken cancellation)
    {
        Metadata headers = await HeadersAsync(cancellation);
        IstioCertificateService.IstioCertificateServiceClient client = new(_channel.Get());
        try
        {
            IstioCertificateResponse response = await client.CreateCertificateAsync(
                Request(identity, requestPem), headers, DateTime.UtcNow + options.Deadline, cancellation);
            return response.CertChain;
        }
        catch (RpcException e) when (!cancellation.IsCancellationRequested)
        {
            throw new CertificateException($"signing gRPC error ({e.StatusCode}): {e.Status.Detail}", e);
        }
        catch (RpcException e)
        {
            throw new OperationCanceledException(e.Message, e, cancellation);
        }
    }

    public void Dispose() => _channel.Dispose();

    private IstioCertificateRequest Request(SpiffeId identity, string requestPem)
    {
        double seconds = Math.Floor(options.Lifetime.TotalSeconds);
        IstioCertificateRequest request = new()
        {
            Csr = requestPem,
            ValidityDuration = seconds is >= 0 and < long.MaxValue ? (long)seconds : FallbackLifetimeSeconds,
        };
        if (options.Impersonates)
        {
            request.Metadata = new Struct
            {
                Fields = { ["ImpersonatedIdentity"] = Value.ForString(identity.ToString()) },
            };
        }

        return request;
    }

    private async Task<Metadata> HeadersAsync(CancellationToken cancellation)
    {
        Metadata headers = [];
        if (options.Token is { } source)
        {
            headers.Add("authorization", $"Bearer {await TokenAsync(source, cancellation)}");
            headers.Add("clusterid", options.ClusterId);
        }

        foreach ((string name, string value) in options.Headers)
        {
            headers.Add(name, value);
        }

        return headers;
    }

    // Read for every request: the kubelet replaces the file long before the token expires.
    private static async Task<string> TokenAsync(AuthToken source, CancellationToken cancellation)
    {
        string text;
        try
        {
            text = source.Path is null ? source.Literal! : await File.ReadAllTextAsync(source.Path, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CertificateException($"failed to create CSR: token file: {e.Message}", e);
        }

        string token = text.TrimEnd(); // editors and kubectl leave a newline, which is no part of a header
        return token.Length > 0 && token.All(static c => c is > ' ' and <= '~')
            ? token
            : throw new CertificateException( // never with the token in the text
                $"failed to create CSR: token from {source} is {(token.Length == 0 ? "empty" : "not visible ASCII")}");
    }
}
