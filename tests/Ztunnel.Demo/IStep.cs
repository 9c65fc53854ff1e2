namespace Ztunnel.Demo;

/// <summary>One thing shown.</summary>
internal interface IStep
{
    string Title { get; }

    /// <exception cref="DemoFailure">What was to be seen was not.</exception>
    Task RunAsync(DemoMesh mesh, StepOutput output);
}
