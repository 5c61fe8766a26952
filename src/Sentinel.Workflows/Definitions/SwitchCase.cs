using System.Text.Json;

namespace Sentinel.Workflows.Definitions;

/// <summary>One case of an Elsa.FlowSwitch: its label is the port.</summary>
sealed record SwitchCase(string Label, WorkflowExpression Condition)
{
    public static IReadOnlyList<SwitchCase> Of(ActivityNode node)
    {
        if (
            !node.Properties.TryGetProperty("cases", out var cases)
            || cases.ValueKind != JsonValueKind.Array
        )
            return [];
        return
        [
            .. cases
                .EnumerateArray()
                .Where(item => item.ValueKind == JsonValueKind.Object)
                .Select(item => new SwitchCase(
                    item.TryGetProperty("label", out var label) ? Values.AsText(label) : "",
                    item.TryGetProperty("condition", out var condition)
                    && condition.ValueKind == JsonValueKind.Object
                        ? WorkflowExpression.Read(condition)
                        : new WorkflowExpression.Literal(Values.Null)
                )),
        ];
    }
}
