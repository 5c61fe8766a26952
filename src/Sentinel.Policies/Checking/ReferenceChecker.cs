using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>Lists and slas: declarations that others refer to.</summary>
sealed class ReferenceChecker(Reporter reporter, DeclarationSyntax declaration)
{
    const int StepPercentMax = 1000;

    static readonly Dictionary<string, ListType> listTypes = new()
    {
        ["cidr"] = ListType.Cidr,
        ["word"] = ListType.Word,
        ["hash"] = ListType.Hash,
        ["number"] = ListType.Number,
    };

    public ListDeclaration? CheckList()
    {
        if (TypeOfList() is not { } type)
            return null;
        var entries = declaration.Of<EntryClause>().Select(e => Entry(e.Clause, type)).ToList();
        return new ListDeclaration(
            declaration.Name.Value,
            reporter.File,
            type,
            [.. entries.OfType<ListEntry>()]
        );
    }

    ListType? TypeOfList()
    {
        var type = declaration.Type!;
        if (listTypes.TryGetValue(type.Value, out var found))
            return found;
        reporter.Add(
            Codes.WrongValue,
            type.Place,
            $"{type} is not a type of list.",
            Suggestions.DidYouMean(type.Value, listTypes.Keys)
                ?? "The types are cidr (addresses and ranges), word, hash and number."
        );
        return null;
    }

    ListEntry? Entry(EntryClause entry, ListType type)
    {
        var value = entry.Value.Value;
        var good = type switch
        {
            ListType.Cidr => AddressRange.Parse(value) is not null,
            ListType.Word => value.Length > 0,
            ListType.Hash => value.Length is 32 or 40 or 64 or 96 or 128
                && value.All(char.IsAsciiHexDigit),
            ListType.Number => Literals.Number(value) is not null,
        };
        if (!good)
            reporter.Add(
                Codes.WrongListEntry,
                entry.Value.Place,
                $"{entry.Value} does not belong into a list of {type.Said()}.",
                type switch
                {
                    ListType.Cidr => "Write 192.0.2.7, 10.20.0.0/24 or 2001:db8::/32.",
                    ListType.Word => "Write a word, or any text in quotes.",
                    ListType.Hash => "Write the hexadecimal digits of a hash.",
                    ListType.Number => "Write digits, with a point where there is a fraction.",
                }
            );
        DateOnly? until = null;
        if (entry.Until is { } date)
        {
            until = Literals.Date(reporter, date, Codes.WrongListEntry);
        }
        return good ? new ListEntry(value, until, entry.Because?.Value) : null;
    }

    public SlaDeclaration? CheckSla(CheckScope scope)
    {
        var items = declaration.Of<SlaClause>().SelectMany(c => c.Clause.Items).ToList();
        foreach (var again in items.GroupBy(i => i.Keyword.Value).SelectMany(g => g.Skip(1)))
            OnceOnly.ReportRepeated(reporter, again.Keyword);
        var respond = Time(items, "respond");
        var resolve = Time(items, "resolve");
        var warn = Find(items, "warn") is { } percent
            ? Literals.Within(reporter, percent, 1, 99, "A warning point")
            : null;
        var calendar = Find(items, "calendar");
        if (
            calendar is { Value: not CalendarChecker.Always }
            && !scope.Calendars.ContainsKey(calendar.Value)
        )
            reporter.Add(
                Codes.UnknownCalendar,
                calendar.Place,
                $"No calendar is called {calendar}.",
                Suggestions.DidYouMean(
                    calendar.Value,
                    scope.Calendars.Keys.Append(CalendarChecker.Always)
                ) ?? "Write 'calendar always', or declare one."
            );
        if (respond is null || resolve is null)
            return null;
        return new SlaDeclaration(
            declaration.Name.Value,
            reporter.File,
            respond.Value,
            resolve.Value,
            warn,
            calendar?.Value ?? CalendarChecker.Always,
            calendar is null ? null : scope.Calendars.GetValueOrDefault(calendar.Value)
        )
        {
            Pauses =
            [
                .. declaration
                    .Of<SlaPauseClause>()
                    .Select(pause => new SlaPause(pause.Clause.TaskType?.Value))
                    .Distinct(),
            ],
            Steps = [.. declaration.Of<SlaStepClause>().Select(step => Step(step.Clause))],
        };
    }

    SlaStep Step(SlaStepClause step) =>
        new(
            Literals.Within(reporter, step.Percent, 1, StepPercentMax, "A step of an sla") ?? 1,
            step.Of.Value == "respond" ? SlaClockOf.Respond : SlaClockOf.Resolve,
            [.. step.Notify.Select(who => who.Value)],
            step.Queue?.Value
        );

    TimeSpan? Time(List<SlaItem> items, string keyword)
    {
        if (Find(items, keyword) is { } duration)
            return Literals.Duration(reporter, duration, TimeSpan.FromDays(366));
        if (!declaration.Damaged)
            reporter.MissingClause(
                declaration.Name,
                $"The sla {declaration.Name} does not say within what time to {keyword}.",
                $"Add '{keyword} within 4h'."
            );
        return null;
    }

    static Token? Find(List<SlaItem> items, string keyword) =>
        items.Find(i => i.Keyword.Value == keyword)?.Value;
}
