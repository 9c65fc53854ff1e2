using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Ztunnel.Protos.Citadel;

namespace Ztunnel.Lab;

/// <summary>
/// The certificate authority behind a lab's control plane; what it answers may change at any time.
/// </summary>
public sealed class LabCa : IDisposable
{
    private const string Impersonated = "ImpersonatedIdentity";

    private readonly ConcurrentQueue<SigningCall> _calls = new();
    private readonly List<LabRoot> _former = [];
    private LabRoot? _next;

    internal LabCa(LabNetwork lab, string url)
    {
        (RootFile, Url) = (Path.Combine(lab.Folder, "root-cert.pem"), url);
        WriteRoots();
    }

    public LabRoot Root { get; private set; } = new();

    /// <summary>By what the server is to be verified.</summary>
    public string RootFile { get; }

    public string Url { get; }

    /// <summary>How the next calls are answered; one identity may have an answer of its own.</summary>
    public CaAnswer Answer { get; set; } = CaAnswers.Good;

    public ConcurrentDictionary<string, CaAnswer> AnswerFor { get; } = new();

    public IReadOnlyCollection<SigningCall> Calls => _calls;

    /// <summary>First half of a rotation: who gets a certificate from now on trusts the next root too.</summary>
    public void AnnounceRoot()
    {
        _next = new LabRoot("next lab root");
        (Root.Bundle, _next.Bundle) = (Root.Pem + _next.Pem, Root.Pem + _next.Pem);
        WriteRoots();
    }

    /// <summary>Second half: the announced root signs; the server's own certificate at its next start.</summary>
    public void ReplaceRoot()
    {
        _former.Add(Root);
        Root = _next ?? throw new LabException("no root was announced");
        _next = null;
    }

    public void Dispose()
    {
        Root.Dispose();
        _next?.Dispose();
        _former.ForEach(root => root.Dispose());
    }

    internal async Task<IReadOnlyList<string>> AnswerAsync(IstioCertificateRequest request, Metadata headers)
    {
        CertificateRequest signing = CertificateRequest.LoadSigningRequestPem(
            request.Csr, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        string identity = request.Metadata?.Fields.TryGetValue(Impersonated, out var impersonated) == true
            ? impersonated.StringValue
            : UriOf(signing);
        SigningCall call = new(identity, signing.PublicKey, request.ValidityDuration, headers);
        _calls.Enqueue(call);
        return await (AnswerFor.GetValueOrDefault(identity) ?? Answer)(Root, call);
    }

    // The SAN extension of a SPIFFE request is one URI: context tag 6, length, text.
    private static string UriOf(CertificateRequest signing)
    {
        X509Extension names = signing.CertificateExtensions.First(extension => extension.Oid?.Value == "2.5.29.17");
        int at = names.RawData.AsSpan().IndexOf("spiffe://"u8);
        return System.Text.Encoding.ASCII.GetString(names.RawData.AsSpan(at, names.RawData[at - 1]));
    }

    // In one step: a proxy may be reading.
    private void WriteRoots()
    {
        File.WriteAllText(RootFile + ".new", Root.Bundle);
        File.Move(RootFile + ".new", RootFile, overwrite: true);
    }
}
