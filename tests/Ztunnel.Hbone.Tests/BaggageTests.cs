namespace Ztunnel.Hbone.Tests;

public sealed class BaggageTests
{
    private const string Full = "k8s.cluster.name=c,k8s.namespace.name=ns,k8s.cronjob.name=w,service.name=s,"
        + "service.version=v1,cloud.region=r,cloud.availability_zone=z";

    private static readonly Baggage FullBaggage = new()
    {
        ClusterId = "c",
        Namespace = "ns",
        WorkloadName = "w",
        WorkloadType = "cronjob",
        ServiceName = "s",
        Revision = "v1",
        Region = "r",
        Zone = "z",
    };

    [Fact]
    public void Format_AllMembers_AreInOrder() => Assert.Equal(Full, FullBaggage.Format());

    [Fact]
    public void Format_MembersWithoutValue_AreLeftOut()
    {
        Assert.Equal("", Baggage.Empty.Format());
        Assert.Equal("k8s.deployment.name=w", new Baggage { WorkloadName = "w", Region = "" }.Format());
    }

    [Fact]
    public void Parse_WhatWasFormatted_IsTheSame() => Assert.Equal(FullBaggage, Baggage.Parse(Full));

    [Theory]
    [InlineData("", null)]
    [InlineData("service.name", null)]
    [InlineData("service.name=a", "a")]
    [InlineData("service.name=a=b", "a")]
    [InlineData("service.name=a,service.name=b", "b")]
    [InlineData("service.name=a,service.name=", null)]
    [InlineData(" service.name=a", null)]
    [InlineData("service.name= a ", " a ")]
    [InlineData("x=1,,service.name=a%20b", "a%20b")]
    [InlineData("service.name=a,x=é", null)]
    [InlineData("service.name=a,x=\t", null)]
    public void Parse_Text_FollowsTheGrammar(string text, string? serviceName) =>
        Assert.Equal(serviceName, Baggage.Parse(text).ServiceName);

    [Theory]
    [InlineData("deployment")]
    [InlineData("cronjob")]
    [InlineData("pod")]
    [InlineData("job")]
    public void Parse_AnyWorkloadType_IsTheWorkloadName(string type)
    {
        Baggage baggage = Baggage.Parse($"k8s.other.name=o,k8s.{type}.name=w");

        Assert.Equal(("w", type), (baggage.WorkloadName, baggage.WorkloadType));
    }
}
