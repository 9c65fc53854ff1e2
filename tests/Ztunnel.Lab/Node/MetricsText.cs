using System.Globalization;

namespace Ztunnel.Lab;

/// <summary>Samples of a metrics page, summed over the labels one does not ask about.</summary>
public sealed class MetricsText
{
    private readonly List<(string Name, string Labels, double Value)> _samples = [];

    public MetricsText(string text)
    {
        Text = text;
        foreach (string line in text.Split('\n'))
        {
            int end = line.LastIndexOf(' ');
            if (line.StartsWith('#') || end < 0 || !double.TryParse(line[end..], CultureInfo.InvariantCulture, out double value))
            {
                continue;
            }

            int brace = line.IndexOf('{', StringComparison.Ordinal);
            string name = brace < 0 ? line[..end] : line[..brace];
            _samples.Add((name, brace < 0 ? "" : line[brace..end], value));
        }
    }

    public string Text { get; }

    /// <summary>Sum of the samples of that name which carry all the labels.</summary>
    public double Sum(string name, params ReadOnlySpan<(string Label, string Value)> labels)
    {
        double sum = 0;
        foreach ((string sample, string text, double value) in _samples)
        {
            sum += sample == name && Carries(text, labels) ? value : 0;
        }

        return sum;
    }

    public bool Has(string name) => _samples.Exists(sample => sample.Name == name);

    private static bool Carries(string text, ReadOnlySpan<(string Label, string Value)> labels)
    {
        foreach ((string label, string value) in labels)
        {
            if (!text.Contains($"{{{label}=\"{value}\"", StringComparison.Ordinal)
                && !text.Contains($",{label}=\"{value}\"", StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }
}
