namespace Ztunnel.Tests.Architecture;

/// <summary>
/// The picture of rooms: a room may use any line below its own; not its neighbour, not a line above. Projects lie below
/// every room and use none.
/// </summary>
internal static class Rooms
{
    private static readonly string[][] s_lines = // lowest first
    [
        ["Hbone", "Linux", "OpenSsl", "Protos"],
        ["Telemetry", "Config"],
        ["Identity"],
        ["State"],
        ["Tls", "Policy", "ControlPlane"],
        ["Xds", "Certificates"],
        ["Proxy", "Dns"],
        ["Admin", "InPod"],
        ["Hosting"],
    ];

    /// <param name="root">Namespace that holds the rooms.</param>
    /// <returns>Null for what is not ours.</returns>
    public static string? Of(string @namespace, string root)
    {
        if (@namespace == root)
        {
            return "Hosting"; // Program, and nothing else
        }

        return @namespace.StartsWith(root + ".", StringComparison.Ordinal)
            ? @namespace[(root.Length + 1)..].Split('.')[0]
            : null;
    }

    public static bool MayUse(string user, string used) => user == used || LineOf(user) > LineOf(used);

    private static int LineOf(string room)
    {
        int line = Array.FindIndex(s_lines, rooms => rooms.Contains(room));
        return line >= 0 ? line : throw new ArgumentException($"{room} is not in the picture of rooms");
    }
}
