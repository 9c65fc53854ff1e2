namespace Ztunnel.Load.Scale;

/// <summary>What a mesh of one size costs a proxy.</summary>
/// <param name="PushBytes">All resources of the first push together.</param>
/// <param name="PushSeconds">From the change at the control plane to the proxy's answer.</param>
/// <param name="PushCpuSeconds">The proxy's, for the first push.</param>
/// <param name="BytesPerWorkload">Growth of the proxy (PSS), divided by the workloads.</param>
/// <param name="UpdateMilliseconds">One endpoint's change, from the control plane to the proxy's answer; median.</param>
/// <param name="UpdateCpuMicroseconds">The proxy's, for each of them; median of the turns.</param>
/// <param name="PolicyMilliseconds">
/// One policy's change, which has nothing to do with the number of workloads: what differs here from size to size is the
/// machine's and the large process's.
/// </param>
/// <param name="PolicyCpuMicroseconds">The same in CPU time.</param>
internal sealed record ScaleFigures(
    string Program,
    int Workloads,
    long PushBytes,
    double PushSeconds,
    double PushCpuSeconds,
    double BytesPerWorkload,
    double UpdateMilliseconds,
    double UpdateCpuMicroseconds,
    double PolicyMilliseconds,
    double PolicyCpuMicroseconds);
