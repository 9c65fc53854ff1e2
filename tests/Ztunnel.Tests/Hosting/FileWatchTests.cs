using System.Runtime.InteropServices;
using System.Threading.Channels;
using Ztunnel.Hosting;

namespace Ztunnel.Tests.Hosting;

public sealed partial class FileWatchTests : IDisposable
{
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly TestFolder _folder = new();
    private readonly Channel<bool> _changes = Channel.CreateUnbounded<bool>();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Changed_FileWrittenInPlace_IsTold()
    {
        File.WriteAllText(_folder["mesh.yaml"], "a");
        using FileWatch watch = Watch();

        File.WriteAllText(_folder["mesh.yaml"], "b");

        await NextAsync();
    }

    [Fact]
    public async Task Changed_FileRenamedOver_IsTold()
    {
        File.WriteAllText(_folder["mesh.yaml"], "a");
        using FileWatch watch = Watch();

        _folder.Replace("mesh.yaml", "b");

        await NextAsync();
    }

    [Fact]
    public async Task Changed_ConfigMapSwapped_IsToldEveryTime()
    {
        // As the kubelet lays a ConfigMap out: mesh.yaml -> ..data/mesh.yaml, ..data -> ..1, then renamed over.
        Generation("..1", "a");
        File.CreateSymbolicLink(_folder["..data"], "..1");
        File.CreateSymbolicLink(_folder["mesh.yaml"], "..data/mesh.yaml");
        using FileWatch watch = Watch();

        foreach ((string name, string text) in (ReadOnlySpan<(string, string)>)[("..2", "b"), ("..3", "c")])
        {
            Generation(name, text);
            File.CreateSymbolicLink(_folder["..tmp"], name);
            Assert.Equal(0, rename(_folder["..tmp"], _folder["..data"])); // File.Move would follow the link
        }

        await UntilAsync(() => File.ReadAllText(_folder["mesh.yaml"]) == "c");
    }

    [Fact]
    public void New_NoSuchDirectory_IsRefused() =>
        Assert.ThrowsAny<ArgumentException>(
            () => new FileWatch(_folder["no/mesh.yaml"], s_settle, TimeProvider.System, () => { }));

    private FileWatch Watch() => new(
        _folder["mesh.yaml"], s_settle, TimeProvider.System, () => Assert.True(_changes.Writer.TryWrite(true)));

    private void Generation(string name, string text)
    {
        Directory.CreateDirectory(_folder[name]);
        File.WriteAllText(_folder[$"{name}/mesh.yaml"], text);
    }

    private Task<bool> NextAsync() => _changes.Reader.ReadAsync().AsTask().WaitAsync(s_patience);

    private async Task UntilAsync(Func<bool> isTrue)
    {
        do
        {
            await NextAsync();
        }
        while (!isTrue());
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rename(string from, string to);
}
