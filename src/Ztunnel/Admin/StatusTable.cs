namespace Ztunnel.Admin;

/// <summary>A table on the status page: another room's view of itself, asked for each time the page is shown.</summary>
/// <param name="Rows">One text per heading; only so many rows are shown as a person reads.</param>
internal sealed record StatusTable(string Title, string[] Headings, Func<IEnumerable<string[]>> Rows);
