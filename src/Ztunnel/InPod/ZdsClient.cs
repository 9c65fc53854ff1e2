using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Ztunnel.Protos.Zds;
using WorkloadInfo = Ztunnel.Identity.WorkloadInfo;

namespace Ztunnel.InPod;

/// <summary>
/// Keeps the connection to the node agent and does what it asks, strictly one request after the other. On a thread
/// of its own, which waits in the kernel: neither a worker nor the thread pool can hold it up.
/// </summary>
/// <param name="ready">
/// Told whenever the answer may have changed: connected, snapshot received, nothing pending.
/// </param>
internal sealed class ZdsClient(
    ZdsClientOptions options, PodRegistry pods, Action<bool> ready, Random random, ILogger logger)
{
    private const double Scatter = 0.2;

    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_firstConnectWait = TimeSpan.FromMilliseconds(20);

    // For connections that come about and lead to nothing.
    private readonly ReconnectBackoff _afterFailure = new(TimeSpan.FromMilliseconds(5), s_longestWait, Scatter, random);
    private readonly BlockingWait _wait = new();
    private long? _retryAt; // Stopwatch ticks; set by the first failure, moved by none

    /// <summary>Called when the pods of a snapshot are served, as far as they can be, and the agent knows.</summary>
    public Action? SnapshotServed { get; init; }

    /// <summary>
    /// Ends when draining and every pod's proxy has stopped. Call it once, after the first complete xDS sync.
    /// </summary>
    /// <exception cref="ZdsProtocolException">
    /// The agent broke the protocol: the process must end; pods are not drained.
    /// </exception>
    public async Task RunAsync(CancellationToken draining)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(() =>
        {
            try
            {
                Run(draining);
                ended.SetResult();
            }
            catch (Exception e)
            {
                ended.SetException(e);
            }
        })
        {
            Name = "zds",
            IsBackground = true,
        };
        thread.Start();
        await ended.Task;
        await pods.StopAllAsync();
    }

    private void Run(CancellationToken draining)
    {
        while (Connect(draining) is { } connection)
        {
            using (connection)
            {
                logger.Connected();
                pods.Reset();
                _retryAt = null;
                if (!Serve(connection, draining) && draining.WaitHandle.WaitOne(_afterFailure.Next()))
                {
                    return;
                }
            }
        }
    }

    /// <returns>Null when draining.</returns>
    private ZdsConnection? Connect(CancellationToken draining)
    {
        ReconnectBackoff backoff = new(s_firstConnectWait, s_longestWait, scatter: 0, random);
        while (!draining.IsCancellationRequested)
        {
            try
            {
                return ZdsConnection.Open(options.SocketPath, draining);
            }
            catch (Exception e) when (e is Win32Exception or ArgumentException)
            {
                TimeSpan delay = backoff.Next();
                logger.ConnectFailed(options.SocketPath, e.Message, delay);
                draining.WaitHandle.WaitOne(delay);
            }
        }

        return null;
    }

    /// <returns>Whether the connection was good for anything.</returns>
    private bool Serve(ZdsConnection connection, CancellationToken draining)
    {
        bool useful = false;
        try
        {
            connection.SayHello();
        }
        catch (Win32Exception e)
        {
            logger.HelloFailed(e.Message);
            return false;
        }

        try
        {
            while (!draining.IsCancellationRequested)
            {
                TimeSpan untilRetry = UntilRetry();
                if (untilRetry == TimeSpan.Zero)
                {
                    Retry(draining);
                }
                else if (connection.WaitForRequest(untilRetry) && !draining.IsCancellationRequested)
                {
                    if (connection.Receive() is not { } request)
                    {
                        logger.Disconnected("end of stream");
                        break;
                    }

                    Process(connection, request, draining);
                    useful = true;
                }
            }
        }
        catch (ZdsReadException e)
        {
            logger.RequestUnreadable(e.Message);
            TryAnswer(connection, $"failure to read message : {e.Message}");
        }
        catch (Win32Exception e)
        {
            logger.Disconnected(e.Message);
        }

        if (!draining.IsCancellationRequested) // a drain leaves readiness as it is: the successor is what counts then
        {
            ready(false);
        }

        return useful;
    }

    private void Process(ZdsConnection connection, ZdsRequest request, CancellationToken draining)
    {
        string error = "";
        try
        {
            Handle(request, draining);
        }
        catch (PodStartException e)
        {
            logger.StartFailed(request.Message.Add.Uid, e.Message);
            error = $"failure to start proxy : {e.Message}";
        }
        catch (ZdsProtocolException e)
        {
            logger.Fatal(e.Message);
            TryAnswer(connection, $"failure to process message : {e.Message}");
            throw;
        }

        if (draining.IsCancellationRequested)
        {
            return; // its proxy is about to be stopped: an ack would be a lie
        }

        connection.Answer(error);
        if (request.Message.PayloadCase == WorkloadRequest.PayloadOneofCase.SnapshotSent)
        {
            SnapshotServed?.Invoke();
        }

        ScheduleRetry();
        if (error.Length == 0) // a failed start takes no readiness away, and gives none
        {
            ReportReadiness();
        }
    }

    private void Handle(ZdsRequest request, CancellationToken draining)
    {
        switch (request.Message.PayloadCase)
        {
            case WorkloadRequest.PayloadOneofCase.Add:
                Add(request, draining);
                break;
            case WorkloadRequest.PayloadOneofCase.Keep:
                pods.Keep(request.Message.Keep.Uid);
                break;
            case WorkloadRequest.PayloadOneofCase.Del:
                pods.Delete(request.Message.Del.Uid);
                break;
            case WorkloadRequest.PayloadOneofCase.SnapshotSent:
                pods.EndSnapshot();
                break;
        }
    }

    private void Add(ZdsRequest request, CancellationToken draining)
    {
        AddWorkload add = request.Message.Add;
        if (add.WorkloadInfo is not { } info)
        {
            request.Namespace!.Dispose();
            throw new ZdsProtocolException("add without workload info");
        }

        // Blocks this thread on purpose: the next request is read when this one is done.
        _wait.For(pods.AddAsync(
            add.Uid,
            new WorkloadInfo(info.Name, info.Namespace, info.ServiceAccount),
            request.Namespace!,
            draining));
    }

    private TimeSpan UntilRetry()
    {
        if (_retryAt is not { } at)
        {
            return Timeout.InfiniteTimeSpan;
        }

        TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), at);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void Retry(CancellationToken draining)
    {
        _retryAt = null;
        _wait.For(pods.RetryPendingAsync(draining));
        ScheduleRetry();
        ReportReadiness();
    }

    private void ScheduleRetry()
    {
        if (_retryAt is null && pods.HasRetryable)
        {
            _retryAt = Stopwatch.GetTimestamp() + (long)(options.RetryInterval.TotalSeconds * Stopwatch.Frequency);
            IEnumerable<Pod> pending = pods.List().Where(static pod => !pod.IsUp);
            logger.RetryScheduled(string.Join(", ", pending.Select(static pod => pod.Uid)));
        }
    }

    private void ReportReadiness()
    {
        if (pods is { SnapshotReceived: true, PendingCount: 0 })
        {
            _afterFailure.Reset();
            ready(true);
        }
    }

    private static void TryAnswer(ZdsConnection connection, string error)
    {
        try
        {
            connection.Answer(error);
        }
        catch (Win32Exception)
        {
            // Gone: nobody left to tell.
        }
    }
}
