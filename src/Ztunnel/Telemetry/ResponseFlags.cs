namespace Ztunnel.Telemetry;

/// <summary>The texts of <see cref="ResponseFlag"/>.</summary>
internal static class ResponseFlags
{
    private static readonly string[] s_labels =
    [
        "-", "DENY", "CONNECT", "TLS_FAILURE", "H2_HANDSHAKE_FAILURE", "NETWORK_POLICY", "IDENTITY_ERROR",
        "CERT_REVOKED",
    ];

    public static int Count => s_labels.Length;

    public static string Label(this ResponseFlag flag) => s_labels[(int)flag];
}
