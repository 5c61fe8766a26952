using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>Diagnostics that several checks give in the same words.</summary>
static class Messages
{
    public static string Said(this FieldType type) =>
        type switch
        {
            FieldType.Text => "text",
            FieldType.Integer => "a whole number",
            FieldType.Number => "a number",
            FieldType.Boolean => "true or false",
            FieldType.Address => "an address",
            FieldType.Time => "a time",
            FieldType.TextList => "a list of texts",
            FieldType.Untyped => "whatever the record holds",
        };

    public static string Said(this ListType type) =>
        type switch
        {
            ListType.Cidr => "addresses",
            ListType.Word => "words",
            ListType.Hash => "hashes",
            ListType.Number => "numbers",
        };

    public static void UnknownField(this Reporter reporter, Token name, FieldTable table) =>
        reporter.Add(
            Codes.UnknownField,
            name.Place,
            $"{name} is not a field here.",
            Suggestions.DidYouMean(name.Value, table.All.Select(f => f.Name))
                ?? "docs/policy-language.md lists the fields; a source may declare more with "
                    + "{name:kind}."
        );

    public static void WrongOperator(this Reporter reporter, Token sign, Field field) =>
        reporter.Add(
            Codes.WrongOperator,
            sign.Place,
            $"'{sign.Value}' cannot be asked of '{field.Name}', which is {field.Type.Said()}.",
            field.Type switch
            {
                FieldType.Text => "Text has ==, !=, in, contains, startswith, endswith, matches.",
                FieldType.Integer or FieldType.Number => "Numbers have ==, !=, <, <=, >, >=, in.",
                FieldType.Boolean => $"Write 'has {field.Name}', or compare it with true or false.",
                FieldType.Address => "Addresses have ==, !=, in, cidr.",
                FieldType.Time => "Times have <, <=, >, >=.",
                FieldType.TextList => "Lists have 'contains', which finds one whole element.",
                FieldType.Untyped => null,
            }
        );

    public static void MissingClause(
        this Reporter reporter,
        Token at,
        string message,
        string help
    ) => reporter.Add(Codes.MissingClause, at.Place, message, help);

    public static void RepeatedName(this Reporter reporter, Token name, string what) =>
        reporter.Add(
            Codes.RepeatedName,
            name.Place,
            $"There is another {what} called {name}.",
            "Give one of them another name."
        );
}
