namespace Ztunnel.Tests.Architecture.Samples.Proxy;

internal sealed class UpperException : Exception;
