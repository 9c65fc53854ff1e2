namespace Ztunnel.Tests.Hosting;

/// <summary>A directory that is gone with the test.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ztunnel-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>As an editor does: a new file takes the old one's name.</summary>
    public void Replace(string name, string text)
    {
        File.WriteAllText(this[name + "~"], text);
        File.Move(this[name + "~"], this[name], overwrite: true);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
