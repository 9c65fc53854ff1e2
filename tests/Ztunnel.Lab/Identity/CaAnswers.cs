using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;

namespace Ztunnel.Lab;

/// <summary>Ways a CA may answer: PEM elements, leaf first, root last; or a status, or nothing for long.</summary>
public static class CaAnswers
{
    public static CaAnswer Good { get; } = Lasting(TimeSpan.FromHours(24));

    public static CaAnswer Lasting(TimeSpan validity) =>
        (root, call) => Answer(root, root.Sign(call.Key, LeafSpec.Of(call.SpiffeId) with { EndsIn = validity }));

    /// <summary>Valid from now on and no longer than this, so that half of its life is half of this.</summary>
    public static CaAnswer ShortLived(TimeSpan lifetime) =>
        (root, call) => Answer(root, root.Sign(call.Key, LeafSpec.Of(call.SpiffeId).Lasting(lifetime)));

    public static CaAnswer Refusal(StatusCode code) =>
        (_, _) => throw new RpcException(new Status(code, "the lab says no"));

    /// <summary>Good, but only once the gate opens.</summary>
    public static CaAnswer After(Task gate) => async (root, call) =>
    {
        await gate;
        return await Good(root, call);
    };

    public static CaAnswer WrongIdentity { get; } =
        (root, call) => Answer(root, root.Sign(call.Key, LeafSpec.Of("spiffe://cluster.local/ns/other/sa/mallory")));

    public static CaAnswer WrongKey { get; } = (root, call) =>
    {
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Answer(root, root.Sign(new PublicKey(other), LeafSpec.Of(call.SpiffeId)));
    };

    public static CaAnswer Expired { get; } = (root, call) => Answer(root, root.Sign(
        call.Key,
        LeafSpec.Of(call.SpiffeId) with { StartsIn = TimeSpan.FromHours(-2), EndsIn = TimeSpan.FromHours(-1) }));

    public static CaAnswer NotYetValid { get; } = (root, call) => Answer(root, root.Sign(
        call.Key, LeafSpec.Of(call.SpiffeId) with { StartsIn = TimeSpan.FromHours(1) }));

    /// <summary>The leaf alone.</summary>
    public static CaAnswer NoRoot { get; } = async (root, call) => [(await Good(root, call))[0]];

    /// <summary>Nothing at all.</summary>
    public static CaAnswer Empty { get; } = (_, _) => Task.FromResult<IReadOnlyList<string>>([]);

    public static CaAnswer Garbage { get; } =
        (_, _) => Task.FromResult<IReadOnlyList<string>>(["this is no certificate", "nor is this"]);

    private static Task<IReadOnlyList<string>> Answer(LabRoot root, X509Certificate2 leaf)
    {
        using (leaf)
        {
            return Task.FromResult<IReadOnlyList<string>>([leaf.ExportCertificatePem() + "\n", root.Bundle]);
        }
    }
}
