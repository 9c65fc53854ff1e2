namespace Ztunnel.Linux;

/// <summary>Wants to send, once, what a whole turn produced.</summary>
public interface ITurnEnd
{
    void OnTurnEnd();
}
