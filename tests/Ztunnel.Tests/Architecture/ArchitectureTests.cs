using System.Reflection;

namespace Ztunnel.Tests.Architecture;

/// <summary>The built assemblies against the picture of rooms in docs/architecture.md.</summary>
public sealed class ArchitectureTests
{
    private const string Root = "Ztunnel";
    private const string Samples = "Ztunnel.Tests.Architecture.Samples";

    [Fact]
    public void Rooms_OfTheBuiltProxy_UseOnlyWhatLiesBelow()
    {
        IReadOnlyCollection<TypeUse> uses = TypeUses.Of(typeof(Program).Assembly.Location);

        Assert.Contains(uses, static use => use is { Namespace: "Ztunnel.Hosting", UsedNamespace: "Ztunnel.State" });
        Assert.Contains(uses, static use => use is { Namespace: "Ztunnel.InPod", UsedNamespace: "Ztunnel.Linux" });
        Assert.Empty(Violations(uses, Root));
    }

    [Theory]
    [InlineData("Ztunnel.Hbone")]
    [InlineData("Ztunnel.Linux")]
    [InlineData("Ztunnel.OpenSsl")]
    [InlineData("Ztunnel.Protos")]
    public void Project_Built_UsesNoneOfOurs(string name)
    {
        string[] used = TypeUses.AssembliesOf(Path.Combine(Folder, $"{name}.dll"));

        Assert.Contains("System.Runtime", used);
        Assert.DoesNotContain(
            used, static assembly => assembly.StartsWith("ztunnel", StringComparison.OrdinalIgnoreCase));
    }

    // Each of these samples reaches from State up to Proxy, in another way.
    [Theory]
    [InlineData("ByField")]
    [InlineData("ByBase")]
    [InlineData("ByParameter")]
    [InlineData("ByGenericArgument")]
    [InlineData("ByCall")]
    [InlineData("ByLambda")]
    [InlineData("ByAwait")]
    [InlineData("ByCatch")]
    [InlineData("ByAttribute")]
    public void Rooms_OfSampleThatReachesUp_AreRefused(string type)
    {
        IReadOnlyCollection<TypeUse> uses = TypeUses.Of(Assembly.GetExecutingAssembly().Location);

        Assert.Contains(Violations(uses, Samples), violation => violation.Type == type);
    }

    [Fact]
    public void Rooms_OfSampleThatReachesDown_AreAllowed()
    {
        IReadOnlyCollection<TypeUse> uses = TypeUses.Of(Assembly.GetExecutingAssembly().Location);

        Assert.Contains(uses, static use => use is { Type: "ReachesDown", UsedType: "Lower" });
        Assert.DoesNotContain(Violations(uses, Samples), static violation => violation.Type == "ReachesDown");
    }

    [Theory]
    [InlineData("Hosting", "Admin", true)]
    [InlineData("Admin", "Proxy", true)]
    [InlineData("Admin", "InPod", false)] // neighbours
    [InlineData("State", "Policy", false)]
    [InlineData("Certificates", "Tls", true)]
    [InlineData("Tls", "Certificates", false)]
    [InlineData("Config", "Telemetry", false)]
    [InlineData("Config", "Linux", true)]
    [InlineData("Linux", "Config", false)]
    [InlineData("Hbone", "Linux", false)]
    [InlineData("State", "State", true)]
    public void MayUse_TwoRooms_FollowsThePicture(string user, string used, bool may) =>
        Assert.Equal(may, Rooms.MayUse(user, used));

    [Fact]
    public void MayUse_UnknownRoom_IsRefused() =>
        Assert.Throws<ArgumentException>(() => Rooms.MayUse("Helpers", "State"));

    private static string Folder => Path.GetDirectoryName(typeof(Program).Assembly.Location)!;

    private static IEnumerable<TypeUse> Violations(IEnumerable<TypeUse> uses, string root) =>
        from use in uses
        let user = Rooms.Of(use.Namespace, root)
        let used = Rooms.Of(use.UsedNamespace, root)
        where user is not null && used is not null && !Rooms.MayUse(user, used)
        select use;
}
