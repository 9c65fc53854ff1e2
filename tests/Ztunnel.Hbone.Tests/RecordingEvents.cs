using System.Text;
using Ztunnel.Hbone.Http2;

namespace Ztunnel.Hbone.Tests;

/// <summary>Writes events down, one line each; a test may act from inside them.</summary>
internal sealed class RecordingEvents : IHttp2Events
{
    private readonly StringBuilder _data = new();
    private int _dataStream;

    private readonly List<string> _lines = [];

    public Action<Http2Stream, Http2Request>? Requested { get; set; }

    public Action<Http2Stream, Http2Response>? Responded { get; set; }

    /// <summary>Gets data as it comes; without it every byte is credited at once by nobody.</summary>
    public Action<Http2Stream, int, bool>? Data { get; set; }

    public Action<Http2Stream>? Writable { get; set; }

    public List<AbuseKind> Abuse { get; } = [];

    public List<Http2Stream> Streams { get; } = [];

    public Http2Request? LastRequest { get; private set; }

    public Http2Response? LastResponse { get; private set; }

    public long BytesReceived { get; private set; }

    /// <summary>Consecutive pieces of data are one line: how they were cut is not an event.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            FlushData();
            return _lines;
        }
    }

    public void OnRequest(Http2Stream stream, Http2Request request, bool endStream)
    {
        Streams.Add(stream);
        LastRequest = request;
        Line($"request {stream.Id} {request.Method} {request.Authority ?? "-"}{(endStream ? " end" : "")}");
        Requested?.Invoke(stream, request);
    }

    public void OnResponse(Http2Stream stream, Http2Response response, bool endStream)
    {
        LastResponse = response;
        Line($"response {stream.Id} {response.Status}{(endStream ? " end" : "")}");
        Responded?.Invoke(stream, response);
    }

    public void OnData(Http2Stream stream, ReadOnlySpan<byte> data, bool endStream)
    {
        BytesReceived += data.Length;
        if (_dataStream != stream.Id)
        {
            FlushData();
            _dataStream = stream.Id;
        }

        _data.Append(data.Length <= 64 ? Encoding.Latin1.GetString(data) : $"<{data.Length}>");
        if (endStream)
        {
            Line($"end {stream.Id}");
        }

        Data?.Invoke(stream, data.Length, endStream);
    }

    public void OnReset(Http2Stream stream, Http2ErrorCode code, ResetSource source) =>
        Line($"reset {stream.Id} {code} {source}");

    public void OnClosed(Http2Stream stream) => Line($"closed {stream.Id}");

    public void OnWritable(Http2Stream stream)
    {
        Line($"writable {stream.Id}");
        Writable?.Invoke(stream);
    }

    public void OnSettings() => Line("settings");

    public void OnGoAway(int lastStreamId, Http2ErrorCode code) => Line($"goaway {lastStreamId} {code}");

    public void OnDrained() => Line("drained");

    public void OnPong(long roundTripMilliseconds) => Line($"pong {roundTripMilliseconds}");

    public void OnAbuse(AbuseKind kind) => Abuse.Add(kind);

    private void Line(string line)
    {
        FlushData();
        _lines.Add(line);
    }

    private void FlushData()
    {
        if (_data.Length > 0)
        {
            _lines.Add($"data {_dataStream} {_data}");
            _data.Clear();
        }
    }
}
