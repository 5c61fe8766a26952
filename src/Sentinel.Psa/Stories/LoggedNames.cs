namespace Sentinel.Psa.Stories;

/// <summary>What people, machines, queues, assets and cases were called at the moment of the story.</summary>
sealed class LoggedNames(IEnumerable<LoggedThing> things)
{
    readonly Dictionary<Guid, string> names = things
        .Where(thing => thing.Id is not null)
        .GroupBy(thing => thing.Id!.Value)
        .ToDictionary(group => group.Key, group => Name(group.Last()));

    /// <summary>The name; the id itself where the log never named it.</summary>
    public string Of(Guid? id) =>
        id is null ? "nobody"
        : id == Guid.Empty ? "the system"
        : names.GetValueOrDefault(id.Value) ?? id.Value.ToString();

    static string Name(LoggedThing thing) =>
        thing.Kind switch
        {
            "case" => Number(thing),
            "user" => thing.Text("display_name"),
            _ => thing.Text("name"),
        } ?? thing.Id.ToString()!;

    static string? Number(LoggedThing found) =>
        found.Text("case_type") is { } type && found.Text("number") is { } number
            ? $"{Cases.Case.Prefix(type)}-{number}"
            : null;
}
