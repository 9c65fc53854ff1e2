namespace Ztunnel.Linux;

/// <summary>The rest of a slice of work, taken up in a later pass.</summary>
public interface IContinuation
{
    TurnAccount Account { get; }

    void Continue();
}
