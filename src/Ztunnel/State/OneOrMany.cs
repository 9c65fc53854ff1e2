using System.Diagnostics.CodeAnalysis;

namespace Ztunnel.State;

/// <summary>
/// The values of one key of an index: nearly always exactly one, which is then kept without a list around it.
/// Immutable; the order is the caller's. The default value holds none.
/// </summary>
internal readonly struct OneOrMany<T>
    where T : class
{
    // Beside the list, not in its place: the first is told without a look at any object, which in a large mesh is a
    // cache miss.
    private readonly T? _first;
    private readonly T[]? _all; // null unless there are two and more

    public OneOrMany(T value) => _first = value;

    private OneOrMany(T[] values)
    {
        _first = values.Length > 0 ? values[0] : null;
        _all = values.Length > 1 ? values : null;
    }

    public int Count => _all?.Length ?? (_first is null ? 0 : 1);

    public bool IsEmpty => _first is null;

    public T? First => _first;

    public T this[int index] => _all is not null
        ? _all[index]
        : index == 0 && _first is not null ? _first : throw new ArgumentOutOfRangeException(nameof(index));

    public OneOrMany<T> Insert(int index, T value)
    {
        if (_first is null)
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

    public OneOrMany<T> Remove(T value) =>
        _all is not null ? new OneOrMany<T>(Array.FindAll(_all, other => !ReferenceEquals(other, value)))
        : ReferenceEquals(_first, value) ? default
        : this;

    public T[] ToArray() => _all is not null ? [.. _all] : _first is not null ? [_first] : [];

    [SuppressMessage("Performance", "CA1859", Justification = "by reference, whatever T's equality says")]
    private int IndexOf(T value) => Array.FindIndex(ToArray(), other => ReferenceEquals(other, value));
}
