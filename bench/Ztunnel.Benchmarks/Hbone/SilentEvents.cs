using Ztunnel.Hbone;
using Ztunnel.Hbone.Http2;

namespace Ztunnel.Benchmarks.Hbone;

/// <summary>Accepts every request, credits every byte.</summary>
internal sealed class SilentEvents : IHttp2Events
{
    public Http2Connection? Connection { get; set; }

    public Http2Stream? Last { get; private set; }

    public void OnRequest(Http2Stream stream, Http2Request request, bool endStream)
    {
        Last = stream;
        Connection!.Respond(stream, 200, "k8s.cluster.name=Kubernetes,service.name=echo", endStream: false);
    }

    public void OnResponse(Http2Stream stream, Http2Response response, bool endStream) => Last = stream;

    public void OnData(Http2Stream stream, ReadOnlySpan<byte> data, bool endStream)
    {
        Connection!.Credit(stream, data.Length);
        if (endStream)
        {
            Connection.EndStream(stream);
        }
    }

    public void OnReset(Http2Stream stream, Http2ErrorCode code, ResetSource source)
    {
    }

    public void OnClosed(Http2Stream stream)
    {
    }

    public void OnWritable(Http2Stream stream)
    {
    }

    public void OnSettings()
    {
    }

    public void OnGoAway(int lastStreamId, Http2ErrorCode code)
    {
    }

    public void OnDrained()
    {
    }

    public void OnPong(long roundTripMilliseconds)
    {
    }

    public void OnAbuse(AbuseKind kind)
    {
    }
}
