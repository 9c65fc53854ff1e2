namespace Ztunnel.Load.Scale;

/// <summary>What a mesh of one size costs a proxy.</summary>
/// <param name="PushBytes">All resources of the first push together.</param>
/// <param name="PushSeconds">From the change at the control plane to the proxy's answer.</param>
/// <param name="PushCpuSeconds">The proxy's, for the first push.</param>
/// <param name="BytesPerWorkload">Growth of the proxy (PSS), divided by the workloads.</param>
/// <param name="Update">An endpoint whose health changes, another one every time.</param>
/// <param name="Again">The same endpoint every time: the step from here to an update is memory in no cache.</param>
/// <param name="Pod">A pod that is gone and another in its place, in one push.</param>
/// <param name="Policy">
/// A changed policy, which has nothing to do with the number of workloads: what differs here from size to size is the
/// machine's and the large process's.
/// </param>
internal sealed record ScaleFigures(
    string Program,
    int Workloads,
    long PushBytes,
    double PushSeconds,
    double PushCpuSeconds,
    double BytesPerWorkload,
    ChangeFigures Update,
    ChangeFigures Again,
    ChangeFigures Pod,
    ChangeFigures Policy);
