using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ztunnel.Demo;

/// <summary>What a step has to say, indented under its title.</summary>
internal sealed class StepOutput(IAnsiConsole console)
{
    private const int Indent = 3;

    /// <summary>Spectre markup.</summary>
    public void Say(string markup) => Show(new Markup(markup));

    /// <summary>Lines of another program, as they are, cut where the screen ends.</summary>
    public void Quote(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            Show(new Text(line.Replace('\t', ' '), new Style(Color.Grey)) { Overflow = Overflow.Ellipsis });
        }
    }

    public void Show(IRenderable what) => console.Write(new Padder(what, new Padding(Indent, 0, 0, 0)));
}
