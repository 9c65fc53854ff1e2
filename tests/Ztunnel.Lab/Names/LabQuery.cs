using System.Net;
using System.Text;

namespace Ztunnel.Lab;

/// <summary>A query as it reached an upstream server.</summary>
public sealed record LabQuery(byte[] Message, IPEndPoint Client, bool IsOverTcp)
{
    private const int Header = 12;

    public int Id => (Message[0] << 8) | Message[1];

    /// <summary>In the letters it came with, without the last dot.</summary>
    public string Name
    {
        get
        {
            StringBuilder name = new();
            for (int at = Header; at < Message.Length && Message[at] is > 0 and < 64; at += 1 + Message[at])
            {
                _ = name.Length > 0 ? name.Append('.') : name;
                name.Append(Encoding.Latin1.GetString(Message, at + 1, Math.Min(Message[at], Message.Length - at - 1)));
            }

            return name.ToString();
        }
    }

    /// <summary>Name, type and class; empty for a message without a question.</summary>
    public byte[] Question
    {
        get
        {
            if (Message.Length <= Header || Message[5] == 0)
            {
                return [];
            }

            int at = Header;
            while (Message[at] != 0)
            {
                at += 1 + Message[at];
            }

            return Message[Header..(at + 5)];
        }
    }

    /// <summary>What follows the question: an OPT, as a rule.</summary>
    public byte[] Rest => Message[(Header + Question.Length)..];
}
