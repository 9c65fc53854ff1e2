using Ztunnel.Linux;
using Ztunnel.Load.Generators;

namespace Ztunnel.Load.Tests.Generators;

/// <summary>Every generator against the applications it is made for, over loopback.</summary>
public class GeneratorTests : IClassFixture<LoopbackServer>
{
    private const double Short = 0.5; // seconds

    [Theory]
    [InlineData(1, 64, false, 1)]
    [InlineData(7, 1024, false, 2)]
    [InlineData(4, 64, true, 1)]
    [InlineData(2, 200_000, false, 1)] // more than a socket takes at once on either side: parts of an answer add up
    public void RequestLoad_AgainstTheEcho_HasNoErrors(int connections, int size, bool reconnects, int threads)
    {
        RequestOptions options = new(At(LoadServer.EchoPort), connections, size, Short, reconnects);

        RequestReport report = RequestLoad.Run(options with { Threads = threads, WarmUpSeconds = 0 });

        Assert.Equal(0, report.Errors);
        Assert.True(report.Operations > 0);
        Assert.True(report.P50 > 0 && report.P50 <= report.P90 && report.P90 <= report.P99);
    }

    [Theory]
    [InlineData(1, false, 1)]
    [InlineData(1, true, 1)]
    [InlineData(5, false, 2)]
    public void StreamLoad_InEitherDirection_CountsWhatArrived(int streams, bool isReverse, int threads)
    {
        InetEndpoint target = At(isReverse ? LoadServer.SourcePort : LoadServer.SinkPort);
        StreamOptions options = new(target, streams, Short, isReverse) { Threads = threads };

        StreamReport report = StreamLoad.Run(options);

        Assert.Equal(0, report.Errors);
        Assert.True(report.Bytes > 0);
        Assert.True(report.Seconds >= Short);
    }

    [Fact]
    public void HoldLoad_AskedTwice_AnswersOnEveryConnection()
    {
        using HoldLoad load = new(new HoldOptions(At(LoadServer.EchoPort), 500) { Concurrency = 64 });

        (HoldReport first, HoldReport second) = (load.Round(), load.Round());

        Assert.Equal((500, 0, 500, 0), (first.Answered, first.Errors, second.Answered, second.Errors));
    }

    [Fact]
    public void HoldLoad_WhereNobodyListens_CountsAnErrorForEach()
    {
        using HoldLoad load = new(new HoldOptions(At(1), 10));

        HoldReport report = load.Round();

        Assert.Equal((0, 10), (report.Answered, report.Errors));
    }

    private static InetEndpoint At(ushort port) => new(InetAddress.LoopbackV4, port);
}
