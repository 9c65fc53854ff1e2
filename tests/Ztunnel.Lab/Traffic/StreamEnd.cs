namespace Ztunnel.Lab;

/// <summary>How the other side ended a connection.</summary>
public enum StreamEnd
{
    /// <summary>It said that nothing more comes.</summary>
    Fin,

    /// <summary>It broke the connection off.</summary>
    Reset,
}
