using System.Text;
using Ztunnel.Hbone.Http2.Hpack;

namespace Ztunnel.Hbone.Tests.Http2.Hpack;

/// <summary>Collects the fields of a list as text.</summary>
internal sealed class FieldList : IHeaderSink
{
    public List<string> Fields { get; } = [];

    public void OnField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        Fields.Add($"{Encoding.Latin1.GetString(name)}: {Encoding.Latin1.GetString(value)}");
}
