using Google.Protobuf;
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
    /// <exception cref="InvalidProtocolBufferException">It is no such message.</exception>
    /// <exception cref="InvalidOperationException">Nor is it, in the library's other words.</exception>
    /// <exception cref="InvalidDataException">It ends within a resource.</exception>
    public static XdsResponse Read(byte[] payload)
    {
        XdsResponse response = new() { _payload = payload };
        CodedInputStream input = new(payload);
        while (input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagWireType(tag) != WireFormat.WireType.LengthDelimited)
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
    /// <exception cref="InvalidProtocolBufferException">It is none.</exception>
    /// <exception cref="InvalidOperationException">It is none either: the library's answer to some wrong tags.</exception>
    public Resource At(int index)
    {
        (int start, int length) = _resources[index];
        return Resource.Parser.ParseFrom(_payload, start, length);
    }

    /// <summary>Lets go of the resources.</summary>
    public void Forget()
    {
        _resources.Clear();
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
