namespace Ztunnel.Tests.Architecture.Samples.State;

internal sealed class Lower;
