namespace Ztunnel.Proxy.Pods;

/// <summary>A connection whose set-up goes on by itself, because nobody awaits it. All calls on its worker.</summary>
internal interface IUnattended
{
    PodWorker Pod { get; }

    /// <summary>The pod went while it waited.</summary>
    void OnAborted();

    /// <summary>It failed in a way that is a defect of ours, and has been logged.</summary>
    void OnUnforeseen(string error);
}
