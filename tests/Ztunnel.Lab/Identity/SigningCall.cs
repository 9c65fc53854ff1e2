using System.Security.Cryptography.X509Certificates;
using Grpc.Core;

namespace Ztunnel.Lab;

/// <summary>A signing request as it reached the CA.</summary>
/// <param name="SpiffeId">The identity asked for: impersonated by a node, or the request's own.</param>
/// <param name="Key">Of the request; its signature was checked.</param>
/// <param name="ValiditySeconds">As asked for.</param>
/// <param name="Headers">Request metadata of the call.</param>
public sealed record SigningCall(string SpiffeId, PublicKey Key, long ValiditySeconds, Metadata Headers);
