using System.Text.Json;

namespace Ztunnel.Admin;

/// <summary>
/// One key of <c>/config_dump</c>. Written in steps, so that a mesh of 100,000 workloads leaves in pieces instead of
/// being held as one text; everything between two steps is written to memory.
/// </summary>
internal sealed class DumpSection
{
    private readonly Func<Utf8JsonWriter, IEnumerable<int>> _steps;

    private DumpSection(string name, Func<Utf8JsonWriter, IEnumerable<int>> steps) => (Name, _steps) = (name, steps);

    public string Name { get; }

    /// <summary>A value of moderate size.</summary>
    public static DumpSection Of(string name, Action<Utf8JsonWriter> write) => new(name, json => OneStep(json, write));

    /// <summary>An array. <paramref name="items"/> is asked at each dump; sorting is its affair.</summary>
    public static DumpSection OfArray<T>(string name, Func<IEnumerable<T>> items, Action<Utf8JsonWriter, T> write) =>
        new(name, json => ArraySteps(json, items(), write));

    /// <summary>An object; <paramref name="write"/> writes the key and the value of one member.</summary>
    public static DumpSection OfObject<T>(string name, Func<IEnumerable<T>> items, Action<Utf8JsonWriter, T> write) =>
        new(name, json => ObjectSteps(json, items(), write));

    /// <summary>Writes while it is enumerated.</summary>
    public IEnumerable<int> Write(Utf8JsonWriter json)
    {
        json.WritePropertyName(Name);
        return _steps(json);
    }

    private static IEnumerable<int> OneStep(Utf8JsonWriter json, Action<Utf8JsonWriter> write)
    {
        write(json);
        yield return 1;
    }

    private static IEnumerable<int> ArraySteps<T>(
        Utf8JsonWriter json, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray();
        int step = 0;
        foreach (T item in items)
        {
            write(json, item);
            yield return ++step;
        }

        json.WriteEndArray();
    }

    private static IEnumerable<int> ObjectSteps<T>(
        Utf8JsonWriter json, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartObject();
        int step = 0;
        foreach (T item in items)
        {
            write(json, item);
            yield return ++step;
        }

        json.WriteEndObject();
    }
}
