using System.Collections.Concurrent;
using Google.Protobuf;
using Ztunnel.ControlPlane;

namespace Ztunnel.Tests.Xds;

/// <summary>Writes down what it is given; refuses what is called bad.</summary>
internal sealed class RecordingHandler : IResourceHandler
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConcurrentQueue<string> Events { get; } = new();

    /// <summary>Something was written down.</summary>
    public Task First => _first.Task;

    public string? OnResource(string name, string version, ByteString value)
    {
        Record($"{name} {version} {value.ToStringUtf8()}");
        return name == "bad" ? "no good" : null;
    }

    public void OnRemoved(string name) => Record($"removed {name}");

    private void Record(string text)
    {
        Events.Enqueue(text);
        _first.TrySetResult();
    }
}
