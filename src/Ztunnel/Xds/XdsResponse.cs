using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Google.Protobuf;
using Ztunnel.Protos;
using Ztunnel.Protos.Discovery;

namespace Ztunnel.Xds;

/// <summary>
/// A <c>DeltaDiscoveryResponse</c> whose resources stay bytes until they are asked for, one after the other: as messages
/// those of a large mesh would take twice the memory of the bytes, all of it at once, beside the mesh that is made of
/// them. And one that is malformed spoils itself, not the response.
/// </summary>
internal sealed class XdsResponse
{
    private readonly List<(int Start, int Length)> _resources = [];
    private readonly List<string> _removed = [];
    private byte[] _payload = [];

    /// <summary>Says that these are gone, and no more.</summary>
    public static XdsResponse Removing(string typeUrl, IEnumerable<string> names)
    {
        XdsResponse response = new() { TypeUrl = typeUrl };
        response._removed.AddRange(names);
        return response;
    }

    /// <param name="payload">Kept.</param>
    /// <exception cref="Exception">It is no such message.</exception>
    public static XdsResponse Read(byte[] payload)
    {
        XdsResponse response = new() { _payload = payload };
        CodedInputStream input = new(payload);
        while (input.ReadTag() is var tag and not 0)
        {
            WireFormat.WireType type = WireFormat.GetTagWireType(tag);
            if (type > WireFormat.WireType.Fixed32)
            {
                throw new InvalidDataException($"there is no wire type {type:D}");
            }

            if (type != WireFormat.WireType.LengthDelimited)
            {
                input.SkipLastField();
                continue;
            }

            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case DeltaDiscoveryResponse.ResourcesFieldNumber:
                    int next = response.Note(input);
                    input = new CodedInputStream(payload, next, payload.Length - next); // it cannot skip what it must not read
                    break;
                case DeltaDiscoveryResponse.TypeUrlFieldNumber:
                    response.TypeUrl = input.ReadString();
                    break;
                case DeltaDiscoveryResponse.NonceFieldNumber:
                    response.Nonce = input.ReadString();
                    break;
                case DeltaDiscoveryResponse.RemovedResourcesFieldNumber:
                    response._removed.Add(input.ReadString());
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        return response;
    }

    public string TypeUrl { get; private set; } = "";

    public string Nonce { get; private set; } = "";

    /// <summary>Of resources.</summary>
    public int Count => _resources.Count;

    public IReadOnlyList<string> Removed => _removed;

    /// <summary>The n-th resource, made anew by every call.</summary>
    public bool TryGet(int index, [NotNullWhen(true)] out Resource? resource, out string trouble)
    {
        (int start, int length) = _resources[index];
        return MessageReader.TryParse(Resource.Parser, _payload.AsSpan(start, length), out resource, out trouble);
    }

    /// <summary>Lets go of the resources, and wipes them: a private key may be among them.</summary>
    public void Forget()
    {
        _resources.Clear();
        CryptographicOperations.ZeroMemory(_payload);
        _payload = [];
    }

    /// <returns>Where the next field starts.</returns>
    private int Note(CodedInputStream input)
    {
        int length = input.ReadLength();
        int at = (int)input.Position; // in the payload
        if (length < 0 || length > _payload.Length - at)
        {
            throw new InvalidDataException("a resource ends behind its response");
        }

        _resources.Add((at, length));
        return at + length;
    }
}
