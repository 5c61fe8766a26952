using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>One source: its format decides whether it reads lines or members.</summary>
sealed class SourceChecker(Reporter reporter, CheckScope scope, DeclarationSyntax declaration)
{
    static readonly Dictionary<string, RecordFormat> formats = new()
    {
        ["syslog"] = RecordFormat.Syslog,
        ["json"] = RecordFormat.Json,
        ["kv"] = RecordFormat.KeyValue,
        ["key-value"] = RecordFormat.KeyValue,
        ["cef"] = RecordFormat.Cef,
        ["text"] = RecordFormat.Text,
    };

    readonly ShapeBinder shapes = new(reporter, scope);
    readonly TemplateBinder templates = new(reporter, scope);
    bool isOpen;

    public SourceDeclaration? Check()
    {
        var once = new OnceOnly(reporter, declaration);
        var accepts = once.Required<AcceptsClause>("what it accepts", "accepts syslog where …");
        if (accepts is null || Format(accepts.Format) is not { } format)
            return null;
        var open = RecordFields.IsOpen(format);
        var record = scope.Record(format);
        var binder = new ConditionBinder(reporter, scope, new FieldScope(reporter, record, open));
        var conditions = binder.Bind(accepts.Where);
        var tags = declaration.Of<TagsClause>().SelectMany(c => c.Clause.Tags).ToList();
        CheckClausesOfFormat(open);
        var openClause = once.Optional<RecordClause>();
        isOpen = openClause is not null && open;
        var (lines, maps) = open
            ? ([], BindMaps(record))
            : (BindLines(), (IReadOnlyList<RecordMap>)[]);
        var timestamp = once.Optional<TimestampClause>() is { } clause
            ? new TimestampBinder(reporter, record, open).Bind(clause)
            : null;
        var source = new SourceDeclaration(
            declaration.Name.Value,
            reporter.File,
            format,
            conditions ?? [],
            lines,
            maps,
            timestamp
        )
        {
            Record = record,
            Tags = [.. tags.Select(t => t.Value)],
            SeverityMap =
                open && once.Optional<SeverityFromClause>() is { } map
                    ? SourceMaps.Severities(reporter, record, map)
                    : null,
            RecordIsOpen = isOpen,
            Below = [.. openClause?.Below.Select(b => b.Value) ?? []],
            SilentAfter = once.Optional<SilentClause>() is { } silent
                ? Literals.Window(reporter, silent.Duration)
                : null,
        };
        if (source.RecordIsOpen)
            scope.OpenEventTypes.UnionWith(maps.Select(m => $"{m.Is.Category}.{m.Is.Type}"));
        return
            once.Optional<LatenessClause>() is { } late
            && Literals.Window(reporter, late.Duration) is { } lateness
            ? source with
            {
                Lateness = lateness,
            }
            : source;
    }

    RecordFormat? Format(Token token)
    {
        if (formats.TryGetValue(token.Value, out var format))
            return format;
        reporter.Add(
            Codes.WrongValue,
            token.Place,
            $"{token} is not a format.",
            Suggestions.DidYouMean(token.Value, formats.Keys)
                ?? "The formats are syslog, json, kv, cef and text."
        );
        return null;
    }

    void CheckClausesOfFormat(bool open)
    {
        foreach (var placed in declaration.Clauses)
            if (
                open
                    ? placed.Clause is LineClause
                    : placed.Clause
                        is WhenClause
                            or FieldsClause
                            or RecordClause
                            or SeverityFromClause
                            or CategoryFromClause
            )
                reporter.Add(
                    Codes.WrongClauseForFormat,
                    placed.At.Place,
                    $"{placed.At} does not go with this format.",
                    open
                        ? "Records with members have 'when CONDITION' and 'field = member'."
                        : "Lines have 'line \"template\"'."
                );
        var reads = declaration.Clauses.Any(c =>
            c.Clause is LineClause or WhenClause or CategoryFromClause or OtherwiseClause
        );
        if (!reads && !declaration.Damaged)
            reporter.MissingClause(
                declaration.Name,
                $"The source {declaration.Name} reads nothing.",
                open ? "Add 'when …' with 'is …'." : "Add 'line \"…\"' with 'is …'."
            );
    }

    IReadOnlyList<LineTemplate> BindLines()
    {
        var lines = new List<LineTemplate>();
        foreach (var (_, line) in declaration.Of<LineClause>())
        {
            var parts = templates.BindLine(line.Template);
            if (shapes.Bind(line.Is) is { } shape)
                lines.Add(new LineTemplate(line.Template.Value, parts, shape));
        }
        var maps = declaration.Of<OtherwiseClause>().SelectMany(o => o.Clause.Items);
        foreach (var map in maps.OfType<MapItem.FieldItem>())
            reporter.Add(
                Codes.WrongClauseForFormat,
                map.Field.Place,
                "A line has no members to make fields of.",
                "Capture the field in a template: {name}."
            );
        // What no template reads is an event all the same, where the policy says of which type.
        if (Otherwise() is { } otherwise && shapes.Bind(otherwise.Shape) is { } other)
        {
            var message = scope.Events.Declare("message", FieldType.Text);
            var all = new TemplatePart.Capture(message, CaptureKind.Rest);
            lines.Add(new LineTemplate("{message:rest}", [all], other));
        }
        return lines;
    }

    IReadOnlyList<RecordMap> BindMaps(FieldTable record)
    {
        var common = declaration.Of<FieldsClause>().SelectMany(f => f.Clause.Items).ToList();
        foreach (var item in common.OfType<MapItem.ShapeItem>())
            reporter.Add(
                Codes.Unexpected,
                item.Shape.Place,
                "'fields' says what all events have, not what they are.",
                "Put 'is' below 'when' or 'otherwise'."
            );
        var shared = BindMembers(common, record);
        var maps = new List<RecordMap>();
        foreach (var (at, when) in declaration.Of<WhenClause>())
        {
            var fields = new FieldScope(reporter, record, open: true);
            var binder = new ConditionBinder(reporter, scope, fields);
            if (
                binder.Bind(when.Condition) is { } conditions
                && ShapeOf(at, when.Items) is { } shape
            )
                maps.Add(new RecordMap(conditions, Merge(shared, when.Items, record), shape));
        }
        foreach (var (_, category) in declaration.Of<CategoryFromClause>())
        {
            var fields = new FieldScope(reporter, record, open: true);
            var binder = new ConditionBinder(reporter, scope, fields);
            SourceMaps.ReportTwice(reporter, category.Steps.Select(step => step.Theirs));
            foreach (var step in category.Steps)
                if (
                    binder.Bind(SourceMaps.Is(category.OfMember, step.Theirs)) is { } conditions
                    && shapes.Bind(step.Shape) is { } shape
                )
                    maps.Add(new RecordMap(conditions, shared, shape));
        }
        if (Otherwise() is { } otherwise && shapes.Bind(otherwise.Shape) is { } other)
            maps.Add(new RecordMap([], Merge(shared, otherwise.Items, record), other));
        return maps;
    }

    /// <summary>Null where there is none, or where it says that what is left is unparsed.</summary>
    (ShapeSyntax Shape, IReadOnlyList<MapItem> Items)? Otherwise()
    {
        var found = declaration.Of<OtherwiseClause>().ToList();
        foreach (var (at, _) in found.Skip(1))
            OnceOnly.ReportRepeated(reporter, at);
        if (found.Count == 0)
            return null;
        var (word, clause) = found[0];
        var shapes = clause.Items.OfType<MapItem.ShapeItem>().ToList();
        if (shapes.Count != 1)
        {
            reporter.MissingClause(
                word,
                "'otherwise' says once what the event is.",
                "Write 'otherwise is other.unparsed', or another type and its severity."
            );
            return null;
        }
        return shapes[0].Shape.Type.Value == "other.unparsed"
            ? null
            : (shapes[0].Shape, clause.Items);
    }

    EventShape? ShapeOf(Token at, IReadOnlyList<MapItem> items)
    {
        var found = items.OfType<MapItem.ShapeItem>().ToList();
        if (found.Count == 1)
            return shapes.Bind(found[0].Shape);
        reporter.MissingClause(
            at,
            "'when' says once what the event is.",
            "Write 'is category.type severity N' below it, once."
        );
        return null;
    }

    IReadOnlyList<MemberMap> Merge(
        IReadOnlyList<MemberMap> shared,
        IReadOnlyList<MapItem> items,
        FieldTable record
    )
    {
        var own = BindMembers(items, record);
        return [.. own, .. shared.Where(s => own.All(o => o.Field != s.Field))];
    }

    /// <summary>Fields of an open record have the names and the types of its members, also where they are mapped.</summary>
    Field? FieldOf(Token name) =>
        isOpen
        && !name.Value.Contains(':')
        && scope.Events.Find(name.Value) is null or { Type: FieldType.Untyped }
            ? scope.Events.Declare(name.Value, FieldType.Untyped)
            : templates.BindField(name).Field;

    IReadOnlyList<MemberMap> BindMembers(IReadOnlyList<MapItem> items, FieldTable record)
    {
        var members = new List<MemberMap>();
        foreach (var map in items.OfType<MapItem.FieldItem>())
        {
            record.Declare(map.Path.Value, FieldType.Untyped);
            if (FieldOf(map.Field) is not { } field)
                continue;
            if (members.Any(m => m.Field == field))
                reporter.RepeatedName(map.Field, "map of a field");
            else
                members.Add(new MemberMap(map.Path.Value, field));
        }
        return members;
    }
}
