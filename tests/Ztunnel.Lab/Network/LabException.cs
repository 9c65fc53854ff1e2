namespace Ztunnel.Lab;

/// <summary>The lab itself could not do what it was asked to; says what, and what the tool it called said.</summary>
public sealed class LabException(string message, Exception? inner = null) : Exception(message, inner);
