using System.Text;
using Ztunnel.Protos.Discovery;
using Ztunnel.Xds.Readers;
using Any = Google.Protobuf.WellKnownTypes.Any;

namespace Ztunnel.Xds;

/// <summary>One resource of a response, in the response's bytes.</summary>
internal readonly ref struct WireResource
{
    private readonly ReadOnlySpan<byte> _message;

    private WireResource(ReadOnlySpan<byte> message) => _message = message;

    /// <summary>UTF-8, like all its text.</summary>
    public ReadOnlySpan<byte> NameBytes { get; private init; }

    public ReadOnlySpan<byte> VersionBytes { get; private init; }

    public string Name => Encoding.UTF8.GetString(NameBytes);

    public string Version => Encoding.UTF8.GetString(VersionBytes);

    /// <summary>There is something in it, of <see cref="TypeUrl"/>.</summary>
    public bool HasPayload { get; private init; }

    public ReadOnlySpan<byte> TypeUrl { get; private init; }

    /// <summary>The payload's bytes.</summary>
    public ReadOnlySpan<byte> Value { get; private init; }

    /// <exception cref="InvalidDataException">It is no <c>envoy.service.discovery.v3.Resource</c>.</exception>
    public static WireResource Read(ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> name = default;
        ReadOnlySpan<byte> version = default;
        ReadOnlySpan<byte> payload = default;
        int payloads = 0;
        WireReader fields = new(message);
        while (fields.Next())
        {
            if (!fields.IsBytes)
            {
                continue;
            }

            switch (fields.Field)
            {
                case Resource.NameFieldNumber:
                    name = fields.Text;
                    break;
                case Resource.VersionFieldNumber:
                    version = fields.Text;
                    break;
                case Resource.AliasesFieldNumber:
                    _ = fields.Text;
                    break;
                case Resource.Resource_FieldNumber:
                    payload = fields.Bytes;
                    payloads++;
                    break;
            }
        }

        if (payloads > 1)
        {
            return Read(WireMessage.MadePlain(Resource.Parser, message));
        }

        ReadOnlySpan<byte> typeUrl = default;
        ReadOnlySpan<byte> value = default;
        WireReader any = new(payload);
        while (any.Next())
        {
            if (any is { IsBytes: true, Field: Any.TypeUrlFieldNumber })
            {
                typeUrl = any.Text;
            }
            else if (any is { IsBytes: true, Field: Any.ValueFieldNumber })
            {
                value = any.Bytes;
            }
        }

        return new WireResource(message)
        {
            NameBytes = name,
            VersionBytes = version,
            HasPayload = payloads > 0,
            TypeUrl = typeUrl,
            Value = value,
        };
    }

    /// <summary>Other names under which it may have been asked for.</summary>
    public List<string> Aliases()
    {
        List<string> aliases = [];
        WireReader fields = new(_message);
        while (fields.Next(Resource.AliasesFieldNumber))
        {
            aliases.Add(Encoding.UTF8.GetString(fields.Bytes));
        }

        return aliases;
    }
}
