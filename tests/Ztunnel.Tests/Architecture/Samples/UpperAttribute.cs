namespace Ztunnel.Tests.Architecture.Samples.Proxy;

[AttributeUsage(AttributeTargets.Method)]
internal sealed class UpperAttribute : Attribute;
