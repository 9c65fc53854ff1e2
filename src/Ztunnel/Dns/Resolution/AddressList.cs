using Ztunnel.Linux;

namespace Ztunnel.Dns.Resolution;

/// <summary>Addresses of one answer, drawn in random order. Used again for the next; one thread's.</summary>
internal sealed class AddressList
{
    private InetAddress[] _addresses = new InetAddress[64];

    public int Count { get; private set; }

    public void Clear() => Count = 0;

    public void Add(InetAddress address)
    {
        if (Count == _addresses.Length)
        {
            Array.Resize(ref _addresses, Count * 2);
        }

        _addresses[Count++] = address;
    }

    /// <summary>
    /// One of those not drawn yet, each as likely: a step of the shuffle of Fisher and Yates, so that an answer with
    /// room for few costs no shuffle of many.
    /// </summary>
    /// <param name="index">0 for the first to be drawn, then one more each time.</param>
    public InetAddress Draw(int index, Random random)
    {
        int other = random.Next(index, Count);
        (_addresses[index], _addresses[other]) = (_addresses[other], _addresses[index]);
        return _addresses[index];
    }
}
