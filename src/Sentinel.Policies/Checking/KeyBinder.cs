using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>The key of a pattern: for each selection, a field for each of its parts.</summary>
sealed class KeyBinder(Reporter reporter, RuleScope scope)
{
    public (
        IReadOnlyList<string> Names,
        IReadOnlyDictionary<string, IReadOnlyList<Field>> By
    )? Bind(IReadOnlyList<KeySyntax> keys, IReadOnlyList<EventSelector> selectors)
    {
        if (keys.Count > Limits.KeyFieldsMax)
            reporter.Add(
                Codes.TooMany,
                keys[Limits.KeyFieldsMax].Fields[0].Place,
                $"A key has at most {Limits.KeyFieldsMax} fields."
            );
        var names = new List<string>();
        var by = selectors.ToDictionary(s => s.Name, _ => new List<Field>());
        var good = true;
        foreach (var key in keys)
        {
            if (Fields(key, selectors) is not { } fields)
            {
                good = false;
                continue;
            }
            var first = key.Fields[0];
            var name = key.As ?? (Qualified(first) ? Unqualified(first) : first);
            if (names.Contains(name.Value))
                reporter.RepeatedName(name, "part of the key");
            names.Add(name.Value);
            if (key.As is not null && Literals.Name(reporter, name, dotted: false))
                scope.Declare(name.Value, fields[0].Type);
            foreach (var (selector, field) in selectors.Zip(fields))
                by[selector.Name].Add(field);
        }
        return good
            ? (names, by.ToDictionary(b => b.Key, b => (IReadOnlyList<Field>)b.Value))
            : null;
    }

    /// <summary>A field for each selector, in their order.</summary>
    IReadOnlyList<Field>? Fields(KeySyntax key, IReadOnlyList<EventSelector> selectors)
    {
        if (key.Fields is [var plain] && !Qualified(plain))
            return scope.Field(plain) is { } same ? [.. selectors.Select(_ => same)] : null;
        var named = key.Fields.Select(f => (Token: f, Found: scope.EventField(f))).ToList();
        if (named.Any(n => n.Found is null))
            return null;
        var fields = new List<Field>();
        foreach (var selector in selectors)
        {
            var own = named.Where(n => n.Found!.Value.Selector == selector).ToList();
            if (own.Count == 1)
                fields.Add(own[0].Found!.Value.Field);
            else
                reporter.Add(
                    Codes.WrongKey,
                    key.Fields[0].Place,
                    $"This part of the key names '{selector.Name}' {own.Count} times.",
                    "Name one field of each selection: by failed.target_user = login.user."
                );
        }
        if (fields.Count != selectors.Count)
            return null;
        // What an open record holds may be of any type: keys are compared as texts.
        var types = fields.Select(f => f.Type).Where(type => type != FieldType.Untyped);
        if (types.Distinct().Count() <= 1)
            return fields;
        reporter.Add(
            Codes.WrongKey,
            key.Fields[0].Place,
            $"Fields of different types are never equal: "
                + string.Join(", ", fields.Select(f => $"'{f.Name}' is {f.Type.Said()}"))
                + "."
        );
        return null;
    }

    bool Qualified(Token token) =>
        !token.IsQuoted
        && token.Value.IndexOf('.') is var dot and > 0
        && scope.IsSelector(token.Value[..dot]);

    static Token Unqualified(Token token)
    {
        var start = token.Value.IndexOf('.') + 1;
        return RuleScope.Part(token, start, token.Value.Length - start);
    }
}
