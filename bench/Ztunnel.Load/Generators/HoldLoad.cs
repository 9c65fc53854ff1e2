using System.Diagnostics;
using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>Opens connections and asks for one byte on each, some at a time; as often as it is told to.</summary>
internal sealed class HoldLoad(HoldOptions options) : IDisposable
{
    private const int PollMilliseconds = 20;

    private readonly LoadLoop _loop = new();
    private readonly HeldConnection[] _connections = new HeldConnection[options.Connections];
    private int _answered;
    private int _errors;

    /// <summary>The first time connects; later rounds use what is still connected.</summary>
    public HoldReport Round()
    {
        (_answered, _errors) = (0, 0);
        long begin = Stopwatch.GetTimestamp();
        for (int next = 0; _answered + _errors < options.Connections;)
        {
            for (; next < options.Connections && next - _answered - _errors < options.Concurrency; next++)
            {
                _connections[next] ??= new HeldConnection(this, _loop);
                _connections[next].Ask(options.Target);
            }

            _loop.Turn(PollMilliseconds);
            if (Stopwatch.GetElapsedTime(begin) > options.Patience)
            {
                _errors = options.Connections - _answered;
            }
        }

        return new HoldReport(_answered, _errors, Stopwatch.GetElapsedTime(begin).TotalSeconds);
    }

    public void CountAnswer() => _answered++;

    public void CountError() => _errors++;

    public void Dispose() => _loop.Dispose();
}
