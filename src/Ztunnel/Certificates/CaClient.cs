using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Ztunnel.ControlPlane;
using Ztunnel.Identity;
using Ztunnel.Protos.Citadel;

namespace Ztunnel.Certificates;

/// <summary>Istio's CA: <c>CreateCertificate</c> over gRPC, authenticated by the node's token.</summary>
internal sealed class CaClient(CaClientOptions options, ILogger logger) : ICertificateAuthority, IDisposable
{
    private const long FallbackLifetimeSeconds = 86_400;

    private readonly ControlPlaneChannel _channel = new(options.ToEndpoint(), logger);
    private readonly ControlPlaneHeaders _headers = new(options.Token, options.ClusterId, options.Headers);

    public async Task<IReadOnlyList<string>> SignAsync(
        SpiffeId identity, string requestPem, CancellationToken cancellation)
    {
        try
        {
            Metadata headers = await _headers.ReadAsync(cancellation);
            IstioCertificateService.IstioCertificateServiceClient client = new(_channel.Get());
            IstioCertificateResponse response = await client.CreateCertificateAsync(
                Request(identity, requestPem), headers, DateTime.UtcNow + options.Deadline, cancellation);
            return response.CertChain;
        }
        catch (ControlPlaneException e)
        {
            throw new CertificateException($"failed to create CSR: {e.Message}", e);
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
}
