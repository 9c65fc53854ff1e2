using System.Net;
using System.Text;

namespace Ztunnel.Admin;

/// <summary>Markup of ours and text of others, which is always encoded.</summary>
internal sealed class HtmlText
{
    private readonly StringBuilder _html = new(16 * 1024);

    public HtmlText Raw(string markup)
    {
        _html.Append(markup);
        return this;
    }

    public HtmlText Text(string text)
    {
        _html.Append(WebUtility.HtmlEncode(text));
        return this;
    }

    public override string ToString() => _html.ToString();
}
