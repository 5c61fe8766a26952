using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>Which names are fields here.</summary>
/// <param name="open">Whether any name is one, whose type nobody declared: members of records.</param>
/// <param name="members">
/// Where rules over events name such members, to find slips. Without it, as in a search or over hits, those
/// that rules name are known.
/// </param>
sealed class FieldScope(
    Reporter reporter,
    FieldTable table,
    bool open = false,
    MemberUses? members = null
)
{
    /// <summary>The time of the event, where there is one.</summary>
    public Field? Time => table.Find("event_time") is { Type: FieldType.Time } time ? time : null;

    /// <summary>Null for one that is unknown, which is reported.</summary>
    public Field? Find(Token name)
    {
        // What another rule may ask of an open record says nothing about a closed one.
        var field =
            table.Find(name.Value) is { } known
            && (open || members is null || known.Type != FieldType.Untyped)
                ? known
                : null;
        if (field is null && open && name.Value.Length is > 0 and <= Limits.NameCharsMax)
            field = table.Declare(name.Value, FieldType.Untyped);
        if (field is null)
            reporter.UnknownField(name, table);
        else if (field.Type == FieldType.Untyped)
            members?.Use(reporter, name);
        return field;
    }
}
