using System.Diagnostics;
using Ztunnel.Dns.Forwarding;
using Ztunnel.Dns.Messages;
using Ztunnel.Dns.Resolution;
using Ztunnel.State;
using Ztunnel.Telemetry;

namespace Ztunnel.Dns;

/// <summary>
/// One pod's queries, whichever way they came: answered from the mesh at once and without an object, or passed on to an
/// upstream server as they are, or refused.
/// </summary>
internal sealed class QueryHandler(DnsPod pod)
{
    /// <summary>Queries that wait for the pod's own workload to become known.</summary>
    public int Waiting { get; private set; }

    private DnsServices Services => pod.Services;

    /// <param name="answer">Has room for the largest answer.</param>
    /// <returns>The length of the answer; 0: there is none, or none yet.</returns>
    public int Handle(ReadOnlySpan<byte> message, Span<byte> answer, IQuerySource source)
    {
        QueryStatus status = DnsQuery.TryRead(message, out DnsQuery query);
        switch (status)
        {
            case QueryStatus.NotAQuery:
                Services.Metrics.Limits.Malformed();
                return 0;
            case QueryStatus.Malformed:
                Services.Metrics.Limits.Malformed();
                return ErrorAnswer.Write(answer, message, ResponseCode.FormatError);
            case QueryStatus.NotOneQuestion:
                return ErrorAnswer.Write(answer, message, ResponseCode.ServerFailure);
            default:
                MeshSnapshot mesh = Services.Mesh.Current;
                return pod.Source.TryFind(mesh) is { } asker
                    ? Answer(in query, status, mesh, asker, answer, source)
                    : Wait(in query, status, answer, source);
        }
    }

    private int Answer(
        in DnsQuery query,
        QueryStatus status,
        MeshSnapshot mesh,
        Asker asker,
        Span<byte> answer,
        IQuerySource source)
    {
        string type = TypeOf(in query, status);
        pod.Source.Series.Requested(type, source.IsOverTcp);
        if (status == QueryStatus.Question)
        {
            int limit = LimitOf(in query, status, source);
            LocalAnswer local = Services.MeshAnswers.Answer(in query, mesh, asker, answer, limit);
            if (local.Outcome != Outcome.Forward)
            {
                Log(in query, type, TextOf(local.Outcome), local.Records);
                return local.Length;
            }
        }

        return Forward(in query, status, type, answer, source);
    }

    private int Forward(
        in DnsQuery query, QueryStatus status, string type, Span<byte> answer, IQuerySource source)
    {
        if (pod.Forwarder.Refuse(query.Message) is { } refusal)
        {
            Log(in query, type, $"forwarding failed ({refusal})", 0);
            return ErrorAnswer.Write(answer, query.Message, ResponseCode.ServerFailure);
        }

        long started = Services.Time.GetTimestamp();
        DnsSource series = pod.Source.Series;
        byte[]? question = Services.QueryLog.IsEnabled ? query.Question.ToArray() : null;
        IReplyTo client = source.Detach(LimitOf(in query, status, source));
        pod.Forwarder.Forward(query.Message, type, client, (forwarded, result) =>
        {
            series.Forwarded(type, forwarded.IsOverTcp, Services.Time.GetElapsedTime(started), result.IsFailure);
            if (question is not null)
            {
                Services.QueryLog.Write(pod.Source.Workload, question, type, result.Text, result.Answer.Answers);
            }
        });
        return 0;
    }

    // The control plane may be about to tell of a pod that has just started and asks already.
    private int Wait(in DnsQuery query, QueryStatus status, Span<byte> answer, IQuerySource source)
    {
        if (Waiting >= Services.Config.Dns.MaxQueriesPerPod)
        {
            Services.Metrics.Limits.RefusedByPod();
            return ErrorAnswer.Write(answer, query.Message, ResponseCode.ServerFailure);
        }

        Waiting++;
        _ = WaitAsync(query.Message.ToArray(), source.Detach(LimitOf(in query, status, source)));
        return 0;
    }

    private async Task WaitAsync(byte[] message, IReplyTo client)
    {
        try
        {
            await Services.Mesh.WaitForWorkloadAsync(
                pod.Info, Services.Config.Deadlines.Workload, Services.Time, pod.Aborted);
        }
        catch (OperationCanceledException) // the pod's own: whoever asked is gone with it
        {
            return;
        }
        finally
        {
            Waiting--;
        }

        int length = AnswerLate(message, client);
        if (length > 0)
        {
            client.Reply(Services.Scratch.AsSpan(0, length));
        }

        pod.OnMaybeIdle();
    }

    private int AnswerLate(byte[] message, IReplyTo client)
    {
        QueryStatus status = DnsQuery.TryRead(message, out DnsQuery query);
        MeshSnapshot mesh = Services.Mesh.Current;
        if (pod.Source.TryFind(mesh) is { } asker)
        {
            return Answer(in query, status, mesh, asker, Services.Scratch, new LateSource(client));
        }

        string type = TypeOf(in query, status);
        pod.Source.Series.Requested(type, client.IsOverTcp);
        Log(in query, type, $"failed to fetch information about local workload: {pod.Info}", 0);
        return ErrorAnswer.Write(Services.Scratch, message, ResponseCode.ServerFailure);
    }

    private static string TypeOf(in DnsQuery query, QueryStatus status) =>
        status == QueryStatus.Question ? RecordType.NameOf(query.Type) : RecordType.Unknown;

    // What a message of another opcode means by its sizes is not ours to know.
    private static int LimitOf(in DnsQuery query, QueryStatus status, IQuerySource source) =>
        source.IsOverTcp ? ushort.MaxValue
        : status == QueryStatus.OtherOpcode ? UdpServer.MaxAnswer
        : Math.Min(query.Edns.Limit, UdpServer.MaxAnswer);

    private static string TextOf(Outcome outcome) => outcome switch
    {
        Outcome.NotSupported => "service does not support this record type",
        Outcome.NoRecords => "no records",
        Outcome.Success => "success",
        _ => throw new UnreachableException(),
    };

    private void Log(in DnsQuery query, string type, string result, int records)
    {
        if (Services.QueryLog.IsEnabled)
        {
            Services.QueryLog.Write(pod.Source.Workload, query.Question, type, result, records);
        }
    }

    private sealed class LateSource(IReplyTo client) : IQuerySource
    {
        public bool IsOverTcp => client.IsOverTcp;

        public IReplyTo Detach(int limit) => client;
    }
}
