using System.Text;
using Ztunnel.Protos.Discovery;
using Ztunnel.Xds.Readers;

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
    private ReadOnlyMemory<byte> _payload;

    /// <summary>Says that these are gone, and no more.</summary>
    public static XdsResponse Removing(string typeUrl, IEnumerable<string> names)
    {
        XdsResponse response = new() { TypeUrl = typeUrl };
        response._removed.AddRange(names);
        return response;
    }

    /// <param name="payload">Read from until <see cref="Forget"/>.</param>
    /// <exception cref="InvalidDataException">It is no such message.</exception>
    public static XdsResponse Read(ReadOnlyMemory<byte> payload)
    {
        XdsResponse response = new() { _payload = payload };
        WireReader fields = new(payload.Span);
        while (fields.Next())
        {
            if (!fields.IsBytes)
            {
                continue;
            }

            switch (fields.Field)
            {
                case DeltaDiscoveryResponse.ResourcesFieldNumber:
                    response._resources.Add((fields.Position - fields.Bytes.Length, fields.Bytes.Length));
                    break;
                case DeltaDiscoveryResponse.TypeUrlFieldNumber:
                    response.TypeUrl = Encoding.UTF8.GetString(fields.Text);
                    break;
                case DeltaDiscoveryResponse.NonceFieldNumber:
                    response.Nonce = Encoding.UTF8.GetString(fields.Text);
                    break;
                case DeltaDiscoveryResponse.RemovedResourcesFieldNumber:
                    response._removed.Add(Encoding.UTF8.GetString(fields.Text));
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

    /// <summary>The n-th resource.</summary>
    public bool TryGet(int index, out WireResource resource, out string trouble)
    {
        (int start, int length) = _resources[index];
        try
        {
            resource = WireResource.Read(_payload.Span.Slice(start, length));
            trouble = "";
            return true;
        }
        catch (InvalidDataException malformed)
        {
            resource = default;
            trouble = malformed.Message;
            return false;
        }
    }

    /// <summary>Lets go of the resources: the bytes are another's.</summary>
    public void Forget()
    {
        _resources.Clear();
        _payload = default;
    }
}
