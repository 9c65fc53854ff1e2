namespace Ztunnel.Xds;

/// <summary>Takes the pushes of one type, one at a time, and makes what they hold visible before it returns.</summary>
internal interface IPushTarget
{
    void Apply(Push push);
}
