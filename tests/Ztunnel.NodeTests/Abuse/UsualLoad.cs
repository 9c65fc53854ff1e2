using Ztunnel.Lab;

namespace Ztunnel.NodeTests.Abuse;

/// <summary>
/// What the innocent are used to, from the latest windows without an attack. They differ among each other, with the
/// worker that the kernel gave a connection to and with what else the machine does: usual is all that they cover.
/// </summary>
internal sealed class UsualLoad
{
    private const int Kept = 3;

    private readonly Queue<LoadWindow> _windows = new();

    public double Rate => _windows.Min(window => window.Rate);

    public double FreshRate => _windows.Min(window => window.FreshRate);

    public TimeSpan P99 => _windows.Max(window => window.P99);

    public TimeSpan FreshP99 => _windows.Max(window => window.FreshP99);

    public void Add(LoadWindow window)
    {
        _windows.Enqueue(window);
        if (_windows.Count > Kept)
        {
            _windows.Dequeue();
        }
    }

    public override string ToString() => string.Join('\n', _windows.Select(window => $"usual: {window}"));
}
