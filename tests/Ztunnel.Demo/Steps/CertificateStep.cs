using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Spectre.Console;
using Ztunnel.Lab;

namespace Ztunnel.Demo.Steps;

/// <summary>Certificates live for seconds here, and are renewed at half of that: connections never notice.</summary>
internal sealed class CertificateStep : IStep
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    public string Title => "certificates: every identity its own, renewed under an open connection";

    public async Task RunAsync(DemoMesh mesh, StepOutput output)
    {
        using EchoClient client = await EchoClient.ConnectAsync(mesh.Client, mesh.Server.V4, DemoMesh.EchoPort);
        await client.ExchangeAsync();
        await using WebCalls calls = new(mesh.Client);
        Table table = new Table().Border(TableBorder.Simple).AddColumns("node", "identity", "serial number", "expires");
        foreach (ZtunnelProcess proxy in mesh.Proxies)
        {
            foreach (JsonElement certificate in await CertificatesAsync(proxy))
            {
                JsonElement leaf = certificate.GetProperty("certChain")[0];
                table.AddRow(
                    proxy.Node.Name,
                    certificate.GetProperty("identity").GetString()!,
                    Serial(leaf),
                    leaf.GetProperty("expirationTime").GetString()!);
            }
        }

        output.Show(table);
        string before = await SerialOfServerAsync(mesh);
        await Patience.UntilAsync(
            async () =>
            {
                await client.ExchangeAsync();
                return await SerialOfServerAsync(mesh) != before;
            },
            "the server's certificate to be renewed",
            s_patience);
        await calls.UntilAsync(() => true, "the calls");
        output.Say(
            $"renewed while watched: now {await SerialOfServerAsync(mesh)}; [green]the open connection goes on[/], "
            + $"none of {calls.Made} new ones failed");
    }

    private static async Task<string> SerialOfServerAsync(DemoMesh mesh)
    {
        IReadOnlyList<JsonElement> certificates = await CertificatesAsync(mesh.West);
        JsonElement server = certificates.First(
            certificate => certificate.GetProperty("identity").GetString() == mesh.Server.SpiffeId);
        return Serial(server.GetProperty("certChain")[0]);
    }

    private static async Task<IReadOnlyList<JsonElement>> CertificatesAsync(ZtunnelProcess proxy)
    {
        using JsonDocument dump = await proxy.ConfigDumpAsync();
        return [.. dump.RootElement.GetProperty("certificates").EnumerateArray()
            .Where(certificate => certificate.GetProperty("certChain").GetArrayLength() > 0)
            .Select(certificate => certificate.Clone())];
    }

    // As openssl shows it; enough of it to tell one from another.
    private static string Serial(JsonElement leaf)
    {
        string text = leaf.GetProperty("serialNumber").GetString()!;
        return BigInteger.Parse(text, CultureInfo.InvariantCulture).ToString("x", CultureInfo.InvariantCulture)[^12..];
    }
}
