using Spectre.Console;

namespace Ztunnel.Load.Cli;

/// <summary>Terminals, and files where one would be.</summary>
internal static class Screens
{
    private const int RedirectedWidth = 140; // of a table that goes to a file

    public static IAnsiConsole Output => Of(Console.Out, Console.IsOutputRedirected);

    public static IAnsiConsole Error => Of(Console.Error, Console.IsErrorRedirected);

    private static IAnsiConsole Of(TextWriter writer, bool isRedirected)
    {
        IAnsiConsole screen = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (isRedirected)
        {
            screen.Profile.Width = RedirectedWidth;
        }

        return screen;
    }
}
