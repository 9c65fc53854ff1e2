namespace Ztunnel.Linux;

/// <summary>A callback for a worker's thread.</summary>
/// <param name="Callback"><see cref="Action{T}"/> of object or <see cref="SendOrPostCallback"/>: no closure in between.</param>
/// <param name="Account">Who pays; null for work from elsewhere that nobody is to blame for.</param>
internal readonly record struct PostedWork(Delegate Callback, object? State, TurnAccount? Account)
{
    public static void Invoke(object callback, object? state)
    {
        if (callback is Action<object?> action)
        {
            action(state);
        }
        else
        {
            ((SendOrPostCallback)callback)(state);
        }
    }
}
