namespace Ztunnel.State;

internal enum PolicyAction
{
    Allow,
    Deny,
}
