using Grpc.Core;
using Ztunnel.Protos.Citadel;

namespace Ztunnel.Lab;

/// <summary>Istio's certificate service; <see cref="LabCa"/> has the answers.</summary>
internal sealed class CertificateService(LabControlPlane plane) : IstioCertificateService.IstioCertificateServiceBase
{
    public override async Task<IstioCertificateResponse> CreateCertificate(
        IstioCertificateRequest request, ServerCallContext context)
    {
        IstioCertificateResponse response = new();
        response.CertChain.AddRange(await plane.Ca.AnswerAsync(request, context.RequestHeaders));
        return response;
    }
}
