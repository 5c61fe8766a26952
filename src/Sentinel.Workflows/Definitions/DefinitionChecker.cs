using System.Text.Json;

namespace Sentinel.Workflows.Definitions;

/// <summary>Whether the parts of a definition fit together; every problem, each with what to do.</summary>
sealed class DefinitionChecker(
    WorkflowDefinition definition,
    IReadOnlyDictionary<string, ActivityDescription> activities
)
{
    readonly List<WorkflowProblem> problems = [];

    readonly HashSet<string> inLoops =
    [
        .. definition
            .Nodes.Values.Where(node => BuiltInActivities.Loops.Contains(node.Type))
            .SelectMany(loop => loop.Activities)
            .SelectMany(inner => inner.WithDescendants())
            .Select(inner => inner.Id),
    ];

    public IReadOnlyList<WorkflowProblem> Run()
    {
        foreach (var node in definition.Root.Activities.SelectMany(n => n.WithDescendants()))
            CheckActivity(node);
        return problems;
    }

    void CheckActivity(ActivityNode node)
    {
        if (!activities.TryGetValue(node.Type, out var description))
        {
            Report("WFL020", node, $"'{node.Type}' is not an activity that we can run.");
            return;
        }
        if (node.Type is BuiltInActivities.Flowchart)
            CheckFlowchart(node);
        foreach (var input in description.Inputs)
            CheckInput(node, input);
        CheckUnknownInputs(node, description);
        CheckOutputs(node, description);
        CheckEmbedded(node, description.Embedded ?? []);
        CheckKind(node);
    }

    void CheckKind(ActivityNode node)
    {
        if (node.Type is BuiltInActivities.Break && !inLoops.Contains(node.Id))
            Report("WFL035", node, "It leaves a loop, and stands in none: put it into one.");
        if (
            node.Type is BuiltInActivities.Cron
            && node.Input("cronExpression") is WorkflowExpression.Literal schedule
            && Values.AsText(schedule.Value) is { Length: > 0 } cron
            && CronSchedule.Problem(cron) is { } bad
        )
            Report("WFL036", node, $"'{cron}' is no cron expression: {bad}");
        if (node.Type is BuiltInActivities.Switch)
            CheckCases(node);
        if (node.Type is BuiltInActivities.SetVariable)
            CheckVariable(node, Reference(node, "variable"), "sets");
        if (node.Type is BuiltInActivities.Join)
            CheckMode(node, BuiltInActivities.JoinModes);
        if (node.Type is BuiltInActivities.Switch)
            CheckMode(node, BuiltInActivities.SwitchModes);
    }

    void CheckEmbedded(ActivityNode node, IReadOnlyList<string> ports)
    {
        foreach (var port in node.Embedded.Keys.Except(ports))
            Report("WFL033", node, $"{node.Type} has no port '{port}': remove what stands there.");
        if (ports.Count > 0 && !ports.Any(node.Embedded.ContainsKey))
            Report(
                "WFL034",
                node,
                $"Nothing stands in it: draw what it does at {string.Join(" or ", ports)}."
            );
    }

    void CheckFlowchart(ActivityNode flowchart)
    {
        var known = flowchart.Activities.Select(child => child.Id).ToHashSet();
        foreach (var connection in flowchart.Connections)
        foreach (var end in (string[])[connection.Source, connection.Target])
            if (!known.Contains(end))
                Report(
                    "WFL021",
                    flowchart,
                    $"The connection {connection.Key} ends at '{end}', which is not an activity of '{flowchart.Id}'."
                );
        if (flowchart.Start is { } named && !known.Contains(named))
            Report("WFL022", flowchart, $"Its start '{named}' is not one of its activities.");
        if (FlowGraph.StartOf(flowchart, null) is not { } start)
            return;
        foreach (var connection in definition.GraphOf(flowchart, start).BadBackward)
            Report(
                "WFL023",
                flowchart,
                $"The connection {connection.Key} leads back to '{connection.Target}', which is not on every path from '{start}' to '{connection.Source}': lead it back to an activity that is."
            );
    }

    void CheckInput(ActivityNode node, ActivityInput input)
    {
        var expression = node.Input(input.Name);
        if (expression is null)
        {
            if (input.Required)
                Report("WFL024", node, $"Its input '{input.Name}' is empty: fill it in.");
            return;
        }
        CheckExpression(node, input.Name, expression);
        if (expression is WorkflowExpression.Literal literal)
            CheckLiteral(node, input, literal.Value);
    }

    void CheckUnknownInputs(ActivityNode node, ActivityDescription description)
    {
        foreach (var property in node.Properties.EnumerateObject())
            if (
                property.Value.ValueKind == JsonValueKind.Object
                && property.Value.TryGetProperty("expression", out _)
                && description.Inputs.All(input => input.Name != property.Name)
            )
                Report(
                    "WFL033",
                    node,
                    $"{node.Type} has no input '{property.Name}': remove it, or correct its name."
                );
    }

    void CheckLiteral(ActivityNode node, ActivityInput input, JsonElement value)
    {
        if (input.Required && Values.AsText(value).Length == 0)
            Report("WFL024", node, $"Its input '{input.Name}' is empty: fill it in.");
        else if (input.Problem?.Invoke(Values.AsText(value)) is { } wrong)
            Report("WFL025", node, $"Its input '{input.Name}' does not fit: {wrong}");
        else
            try
            {
                Values.Convert(value, input.Type);
            }
            catch (Exception reason) when (reason is FormatException or JsonException)
            {
                Report("WFL025", node, $"Its input '{input.Name}' does not fit: {reason.Message}");
            }
    }

    void CheckExpression(ActivityNode node, string input, WorkflowExpression expression)
    {
        switch (expression)
        {
            case WorkflowExpression.UnknownKind unknown:
                Report(
                    "WFL026",
                    node,
                    $"Its input '{input}' is written in '{unknown.Type}': use Literal, JavaScript, Object, Variable or Input."
                );
                break;
            case WorkflowExpression.JavaScript script when Script.Problem(script.Text) is { } bad:
                Report("WFL027", node, $"The JavaScript of its input '{input}' is wrong: {bad}");
                break;
            case WorkflowExpression.VariableReference variable:
                CheckVariable(node, variable.Id, $"reads in '{input}'");
                break;
            case WorkflowExpression.JsonText json when !IsJson(json.Text):
                Report("WFL028", node, $"Its input '{input}' is not JSON: {json.Text}");
                break;
        }
    }

    void CheckOutputs(ActivityNode node, ActivityDescription description)
    {
        foreach (var output in description.Outputs)
            if (node.OutputVariable(output) is { } variable)
                CheckVariable(node, variable, $"writes its '{output}' to");
    }

    void CheckCases(ActivityNode node)
    {
        var cases = SwitchCase.Of(node);
        foreach (var label in cases.GroupBy(item => item.Label).Where(group => group.Count() > 1))
            Report("WFL029", node, $"Two of its cases have the label '{label.Key}'.");
        foreach (var item in cases)
            CheckExpression(node, $"case {item.Label}", item.Condition);
    }

    void CheckVariable(ActivityNode node, string? id, string verb)
    {
        if (id is null)
            Report("WFL030", node, "Choose the variable that it sets.");
        else if (
            !definition.VariablesById.ContainsKey(id)
            && !(BuiltInActivities.LoopVariables.Contains(id) && inLoops.Contains(node.Id))
        )
            Report(
                "WFL031",
                node,
                $"The variable '{id}', which it {verb}, is not declared: add it to the workflow's variables."
            );
    }

    void CheckMode(ActivityNode node, string[] modes)
    {
        if (
            node.Input("mode") is WorkflowExpression.Literal literal
            && Values.AsText(literal.Value) is { Length: > 0 } mode
            && !modes.Contains(mode, StringComparer.Ordinal)
        )
            Report(
                "WFL032",
                node,
                $"'{mode}' is no mode of {node.Type}: choose {string.Join(", ", modes)}."
            );
    }

    static string? Reference(ActivityNode node, string property) =>
        node.Properties.TryGetProperty(property, out var reference)
        && reference.ValueKind == JsonValueKind.Object
        && reference.TryGetProperty("id", out var id)
            ? id.GetString()
            : null;

    static bool IsJson(string text)
    {
        try
        {
            Values.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    void Report(string code, ActivityNode node, string message) =>
        problems.Add(new WorkflowProblem(code, node.Id, message));
}
