namespace Ztunnel.Load.Figures;

/// <summary>What one program did in one round.</summary>
internal sealed class RoundFigures
{
    private readonly Dictionary<string, double> _values = [];
    private readonly List<string> _errors = [];

    public IReadOnlyDictionary<string, double> Values => _values;

    /// <summary>What went wrong: a figure with errors behind it is not a figure.</summary>
    public IReadOnlyList<string> Errors => _errors;

    public void Set(string key, double value) => _values[key] = value;

    public void AddErrors(string @case, long count)
    {
        if (count > 0)
        {
            _errors.Add($"{@case}: {count} errors");
        }
    }
}
