using System.Text.Json;

namespace Sentinel.Workflows.Definitions;

/// <summary>How an input gets its value.</summary>
abstract record WorkflowExpression
{
    public sealed record Literal(JsonElement Value) : WorkflowExpression;

    public sealed record JavaScript(string Text) : WorkflowExpression;

    /// <summary>Elsa's Object and Json: JSON in a text. Ours are always values, see decision 0012.</summary>
    public sealed record JsonText(string Text) : WorkflowExpression;

    public sealed record VariableReference(string Id) : WorkflowExpression;

    public sealed record InputReference(string Name) : WorkflowExpression;

    public sealed record UnknownKind(string Type) : WorkflowExpression;

    /// <summary>Reads <c>{typeName, expression: {type, value}}</c>; a bare value is a literal.</summary>
    public static WorkflowExpression? OfInput(JsonElement property) =>
        property.ValueKind switch
        {
            JsonValueKind.Null or JsonValueKind.Undefined => null,
            JsonValueKind.Object when property.TryGetProperty("expression", out var wrapped) =>
                wrapped.ValueKind == JsonValueKind.Object ? Read(wrapped) : null,
            JsonValueKind.Object when property.TryGetProperty("memoryReference", out _) => null,
            _ => new Literal(property),
        };

    /// <summary>Reads <c>{type, value}</c>.</summary>
    public static WorkflowExpression Read(JsonElement expression)
    {
        var type = Property(expression, "type") ?? "Literal";
        var value = expression.TryGetProperty("value", out var found) ? found : Values.Null;
        return type switch
        {
            "Literal" => new Literal(value),
            "JavaScript" => new JavaScript(
                value.ValueKind == JsonValueKind.String ? value.GetString()! : ""
            ),
            "Object" or "Json" => value.ValueKind == JsonValueKind.String
                ? new JsonText(value.GetString()!)
                : new Literal(value),
            "Variable" => new VariableReference(Reference(value, "id")),
            "Input" => new InputReference(Reference(value, "name")),
            _ => new UnknownKind(type),
        };
    }

    static string Reference(JsonElement value, string property) =>
        value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : Property(value, property) ?? "";

    static string? Property(JsonElement holder, string property) =>
        holder.ValueKind == JsonValueKind.Object
        && holder.TryGetProperty(property, out var found)
        && found.ValueKind == JsonValueKind.String
            ? found.GetString()
            : null;
}
