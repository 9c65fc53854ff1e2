using Wire = Ztunnel.Protos.Workloads;

namespace Ztunnel.Xds.Readers;

/// <summary>An <c>istio.workload.Address</c> where it lies: which of the two it is, and that one's bytes.</summary>
internal readonly ref struct WireAddress
{
    public Wire.Address.TypeOneofCase Type { get; private init; }

    public ReadOnlySpan<byte> Value { get; private init; }

    /// <exception cref="InvalidDataException">It is none.</exception>
    public static WireAddress Read(ReadOnlySpan<byte> message)
    {
        WireAddress address = default;
        WireReader fields = new(message);
        while (fields.Next())
        {
            if (fields is not { IsBytes: true, Field: Wire.Address.WorkloadFieldNumber or Wire.Address.ServiceFieldNumber })
            {
                continue;
            }

            if (address.Type != Wire.Address.TypeOneofCase.None)
            {
                return Read(WireMessage.MadePlain(Wire.Address.Parser, message));
            }

            address = new WireAddress
            {
                Type = fields.Field == Wire.Address.WorkloadFieldNumber
                    ? Wire.Address.TypeOneofCase.Workload
                    : Wire.Address.TypeOneofCase.Service,
                Value = fields.Bytes,
            };
        }

        return address;
    }
}
