using Google.Protobuf;
using Ztunnel.Protos.Secrets;

namespace Ztunnel.Certificates.Secrets;

/// <summary>The bytes a data source stands for (envoy, config/core/v3/base.proto).</summary>
internal static class DataSources
{
    // Certificates and bundles are kilobytes; a path may be anything.
    private const long LargestFile = 4 * 1024 * 1024;

    /// <param name="what">As the error calls it.</param>
    /// <exception cref="SecretException">It names nothing, or something that cannot be read.</exception>
    public static ByteString Read(DataSource? source, string what) => source?.SpecifierCase switch
    {
        DataSource.SpecifierOneofCase.InlineBytes => source.InlineBytes,
        DataSource.SpecifierOneofCase.InlineString => ByteString.CopyFromUtf8(source.InlineString),
        DataSource.SpecifierOneofCase.Filename => ReadFile(source.Filename, what),
        DataSource.SpecifierOneofCase.EnvironmentVariable => ByteString.CopyFromUtf8(
            Environment.GetEnvironmentVariable(source.EnvironmentVariable)
                ?? throw new SecretException($"{what}: the variable {source.EnvironmentVariable} is not set")),
        _ => throw new SecretException($"{what} is missing"),
    };

    private static ByteString ReadFile(string path, string what)
    {
        try
        {
            FileInfo file = new(path);
            return file.Length <= LargestFile
                ? UnsafeByteOperations.UnsafeWrap(File.ReadAllBytes(path)) // nobody else has the array
                : throw new SecretException($"{what}: {path} has {file.Length} bytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SecretException($"{what}: {e.Message}");
        }
    }
}
