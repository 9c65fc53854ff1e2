using Ztunnel.Config;
using static Ztunnel.Tests.Config.Env;

namespace Ztunnel.Tests.Config;

public sealed class SecretOptionsTests
{
    [Fact]
    public void From_NothingSet_AsksTheCa()
    {
        SecretOptions secrets = Read().ControlPlane.Secrets;

        Assert.Equal(CertificateProvider.Ca, secrets.Provider);
        Assert.Equal("ROOTCA", secrets.BundleName);
        Assert.Null(secrets.SocketPath);
        Assert.Null(secrets.CertificateName);
    }

    [Fact]
    public void From_Sds_NeedsNoCa()
    {
        ProxyConfig config = Read(("CERT_PROVIDER", "sds"), ("CA_ADDRESS", ""), ("SDS_BUNDLE_NAME", "ALL"));

        Assert.Equal(CertificateProvider.Sds, config.ControlPlane.Secrets.Provider);
        Assert.Null(config.ControlPlane.CaAddress);
        Assert.Equal("ALL", config.ControlPlane.Secrets.BundleName);
        Assert.Null(config.ControlPlane.Secrets.CertificateName); // by SPIFFE id
    }

    [Fact]
    public void From_DedicatedOnASocket_TakesTheAgentsName()
    {
        ProxyConfig config = Read(
            ("PROXY_MODE", "dedicated"), ("PROXY_WORKLOAD_INFO", "ns/name/sa"), ("CERT_PROVIDER", "sds"),
            ("SDS_UDS_PATH", "/run/sds"), ("XDS_ADDRESS", ""));

        Assert.Equal("default", config.ControlPlane.Secrets.CertificateName);
        Assert.Equal("/run/sds", config.ControlPlane.Secrets.SocketPath);
    }

    [Theory]
    [InlineData("CERT_PROVIDER", "vault", "invalid env var CERT_PROVIDER=vault (must be ca or sds)")]
    [InlineData("FAKE_CA", "true", "invalid configuration: FAKE_CA=true and CERT_PROVIDER=sds exclude each other")]
    [InlineData("XDS_ADDRESS", "", "invalid configuration: CERT_PROVIDER=sds needs SDS_UDS_PATH, or XDS_ADDRESS")]
    public void From_WhatCannotBe_IsRefused(string name, string value, string message)
    {
        Dictionary<string, string> variables = new() { ["CERT_PROVIDER"] = "sds", ["ZTUNNEL_ALLOW_FAKE_CA"] = "true" };
        variables[name] = value;

        ConfigException refusal = Assert.Throws<ConfigException>(
            () => Read([.. variables.Select(static variable => (variable.Key, variable.Value))]));

        Assert.Equal(message, refusal.Message);
    }
}
