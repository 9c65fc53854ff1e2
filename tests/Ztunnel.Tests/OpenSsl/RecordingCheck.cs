using Ztunnel.OpenSsl;

namespace Ztunnel.Tests.OpenSsl;

/// <summary>Answers as told and keeps what it was asked.</summary>
internal sealed class RecordingCheck(Func<IReadOnlyList<string>, string?>? answer = null) : ITlsPeerCheck
{
    public List<IReadOnlyList<string>> Asked { get; } = [];

    public string? Check(IReadOnlyList<string> uriSans)
    {
        Asked.Add(uriSans);
        return answer?.Invoke(uriSans);
    }
}
