namespace Ztunnel.Hbone.Http2.Hpack;

/// <summary>Takes the fields of a header list one by one, in order.</summary>
internal interface IHeaderSink
{
    /// <summary>The spans are valid during the call only.</summary>
    void OnField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);
}
