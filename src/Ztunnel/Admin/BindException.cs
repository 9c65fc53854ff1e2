using Ztunnel.Linux;

namespace Ztunnel.Admin;

/// <summary>
/// A server cannot listen where it was told to; the message names the server, the address and the reason.
/// </summary>
internal sealed class BindException(string component, InetEndpoint address, Exception inner)
    : Exception($"{component} server: failed to bind to address {address}: {inner.Message}", inner);
