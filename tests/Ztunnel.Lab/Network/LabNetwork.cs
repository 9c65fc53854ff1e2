using System.Diagnostics;
using System.Net;
using Ztunnel.Linux;

namespace Ztunnel.Lab;

/// <summary>
/// One lab: a bridge in a namespace of its own, hosts and pods on it, the processes in them. Nothing of it touches the
/// machine's own network. Disposed also when the process ends; what a killed process left is swept by the next one.
/// </summary>
public sealed class LabNetwork : IDisposable
{
    private static int s_labs;

    private readonly List<LabHost> _hosts = [];
    private readonly List<Process> _processes = [];
    private readonly Lock _lock = new();
    private readonly string _prefix;
    private int _pods;
    private int _nodes;
    private int _links;
    private bool _disposed;

    public LabNetwork()
    {
        Threads.Start();
        LabSweep.RemoveStale();
        _prefix = $"{LabSweep.Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref s_labs)}";
        Folder = Path.Combine(Path.GetTempPath(), _prefix);
        Directory.CreateDirectory(Folder);
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;

        string netns = $"{_prefix}-br";
        Shell.Run("ip", ["netns", "add", netns]);
        Shell.Run("ip", ["-n", netns, "-batch", "-"], """
            link add br0 type bridge
            link set br0 up
            link set lo up
            addr add 10.77.255.254/16 dev br0
            addr add fd77::ffff/64 dev br0 nodad

            """);
        Bridge = new LabHost(this, "bridge", netns, IPAddress.Parse("10.77.255.254"), IPAddress.Parse("fd77::ffff"));
        _hosts.Add(Bridge);
    }

    /// <summary>Where the lab keeps its files; gone with it.</summary>
    public string Folder { get; }

    /// <summary>Default gateway of all, where what everybody needs (the CA) listens.</summary>
    public LabHost Bridge { get; }

    internal NamespaceThread Threads { get; } = new("lab-namespaces");

    public Pod AddPod(PodSpec spec)
    {
        int index = ++_pods;
        string netns = AddNamespace(spec.Name, $"10.77.0.{index}", $"fd77::{index:x}");
        if (spec.IsCaptured)
        {
            Redirect.Apply(netns, spec.CapturesDns);
        }

        Pod pod = new(this, netns, IPAddress.Parse($"10.77.0.{index}"), IPAddress.Parse($"fd77::{index:x}"), spec);
        Add(pod);
        return pod;
    }

    /// <summary>A node, that is: the namespace a proxy process lives in.</summary>
    public LabHost AddNode(string name)
    {
        int index = ++_nodes;
        string v4 = $"10.77.254.{index}";
        string v6 = $"fd77::fe:{index:x}";
        LabHost host = new(this, name, AddNamespace(name, v4, v6), IPAddress.Parse(v4), IPAddress.Parse(v6));
        Add(host);
        return host;
    }

    /// <summary>Takes the namespace's name away; it lives on while a process or a descriptor holds it.</summary>
    public void RemoveName(LabHost host) => Shell.Run("ip", ["netns", "del", host.Netns]);

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        foreach (Process process in _processes)
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }

            process.WaitForExit();
            process.Dispose();
        }

        _hosts.ForEach(host => host.Close());
        Threads.Dispose();
        LabSweep.Remove(_prefix);
    }

    internal Process Track(Process process)
    {
        lock (_lock)
        {
            _processes.Add(process);
        }

        return process;
    }

    private void Add(LabHost host)
    {
        lock (_lock)
        {
            _hosts.Add(host);
        }

        host.Inside(() =>
        {
            // Load comes from one address: all its ports, and again without waiting a minute.
            File.WriteAllText("/proc/sys/net/ipv4/ip_local_port_range", "10240 65000");
            File.WriteAllText("/proc/sys/net/ipv4/tcp_tw_reuse", "1");
            return true;
        });
    }

    private string AddNamespace(string name, string v4, string v6)
    {
        string netns = $"{_prefix}-{name}";
        string link = $"l{++_links}";
        Shell.Run("ip", ["netns", "add", netns]);
        Shell.Run("ip", ["-n", Bridge.Netns, "-batch", "-"], $"""
            link add {link} type veth peer name eth0 netns {netns}
            link set {link} master br0 up

            """);
        Shell.Run("ip", ["-n", netns, "-batch", "-"], $"""
            link set lo up
            link set eth0 up
            addr add {v4}/16 dev eth0
            addr add {v6}/64 dev eth0 nodad
            route add default via 10.77.255.254
            route add default via fd77::ffff

            """);
        return netns;
    }

    private void OnProcessExit(object? sender, EventArgs e) => Dispose();
}
