namespace Ztunnel.OpenSsl;

/// <summary>OpenSSL is missing, too old, or lacks what the configuration asks for: one line, for operators.</summary>
public sealed class OpenSslMissingException(string message) : Exception(message);
