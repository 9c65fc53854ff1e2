namespace Ztunnel.Lab;

/// <summary>What the CA says to one call.</summary>
public delegate Task<IReadOnlyList<string>> CaAnswer(LabRoot root, SigningCall call);
