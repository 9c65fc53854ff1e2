using System.Reflection;
using Ztunnel.Lab;
using Xunit.Sdk;

namespace Ztunnel.NodeTests.Dns;

/// <summary>
/// A row that our program and, where <c>ZTUNNEL_PEER</c> names one, the other implementation answer alike: the test gets
/// the program first, then what is given here.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class DnsProgramsAttribute(params object[] row) : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod)
    {
        yield return [DnsMeshes.Ours, .. row];
        if (ZtunnelBinary.Peer is not null)
        {
            yield return [DnsMeshes.Peer, .. row];
        }
    }
}
