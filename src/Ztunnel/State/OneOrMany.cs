using System.Diagnostics.CodeAnalysis;

namespace Ztunnel.State;

/// <summary>
/// The values of one key of an index: nearly always exactly one, which is then kept without a list around it.
/// Immutable; the order is the caller's. The default value holds none.
/// </summary>
internal readonly struct OneOrMany<T>
    where T : class
{
    private readonly object? _values; // null, a T, or a T[] of two and more

    public OneOrMany(T value) => _values = value;

    private OneOrMany(T[] values) => _values = values.Length switch
    {
        0 => null,
        1 => values[0],
        _ => values,
    };

    public int Count => _values is T[] many ? many.Length : _values is null ? 0 : 1;

    public bool IsEmpty => _values is null;

    public T? First => _values is T[] many ? many[0] : (T?)_values;

    public T this[int index] => _values is T[] many
        ? many[index]
        : index == 0 && _values is not null ? (T)_values : throw new ArgumentOutOfRangeException(nameof(index));

    public OneOrMany<T> Insert(int index, T value)
    {
        if (_values is null)
        {
            return new OneOrMany<T>(value);
        }

        var values = new List<T>(ToArray());
        values.Insert(index, value);
        return new OneOrMany<T>(values.ToArray());
    }

    public OneOrMany<T> Add(T value) => Insert(Count, value);

    /// <summary>Puts the new value where the old one stands, or last.</summary>
    public OneOrMany<T> Replace(T? old, T value)
    {
        int index = old is null ? -1 : IndexOf(old);
        if (index < 0)
        {
            return Add(value);
        }

        T[] values = ToArray();
        values[index] = value;
        return new OneOrMany<T>(values);
    }

    public OneOrMany<T> Remove(T value) => new(Array.FindAll(ToArray(), other => !ReferenceEquals(other, value)));

    public T[] ToArray() => _values switch
    {
        null => [],
        T[] many => [.. many],
        _ => [(T)_values],
    };

    [SuppressMessage("Performance", "CA1859", Justification = "by reference, whatever T's equality says")]
    private int IndexOf(T value) => Array.FindIndex(ToArray(), other => ReferenceEquals(other, value));
}
