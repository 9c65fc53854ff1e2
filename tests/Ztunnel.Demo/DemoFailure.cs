namespace Ztunnel.Demo;

/// <summary>The mesh did not do what this demonstration is to show.</summary>
internal sealed class DemoFailure(string message) : Exception(message);
