using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Execution;

/// <summary>The inputs of an activity, from where its instance stands.</summary>
sealed class Evaluator(WorkflowDefinition definition, InstanceState state)
{
    const int ValueCharsMax = 64 * 1024;
    const int VariablesMax = 1_000;

    /// <param name="at">Whose input it is: the loop around it has the current value.</param>
    /// <exception cref="WorkflowFaultException">The expression fails, or gives another type.</exception>
    public JsonElement Input(
        ActivityNode node,
        string name,
        WorkflowType type,
        ActivityExecution at
    )
    {
        var expression = node.Input(name);
        return expression is null ? Values.Null : Named(name, expression, type, at);
    }

    public JsonElement Named(
        string name,
        WorkflowExpression expression,
        WorkflowType type,
        ActivityExecution at
    )
    {
        try
        {
            var value = Values.Convert(Values.Keepable(Evaluate(expression, at)), type);
            return IsTooLong(value)
                ? throw new WorkflowFaultException($"It is longer than {ValueCharsMax} characters.")
                : value;
        }
        catch (Exception failure)
            when (failure
                    is WorkflowFaultException
                        or FormatException
                        or JsonException
                        or OverflowException
            )
        {
            throw new WorkflowFaultException(
                $"Failed to evaluate activity input '{Pascal(name)}'",
                failure.Message
            );
        }
    }

    /// <summary>Assigns a variable by its id, converted to the declared type.</summary>
    public void Assign(string variableId, JsonElement value)
    {
        if (!definition.VariablesById.TryGetValue(variableId, out var variable))
            throw new WorkflowFaultException($"Variable '{variableId}' not found.");
        try
        {
            state.Variables[variableId] = Values.Convert(value, variable.Type);
        }
        catch (FormatException failure)
        {
            throw new WorkflowFaultException(
                $"The variable '{variable.Name}' cannot hold this value.",
                failure.Message
            );
        }
    }

    public JsonElement Variable(string id) =>
        state.Variables.TryGetValue(id, out var value) ? value
        : definition.VariablesById.TryGetValue(id, out var variable) ? variable.Default
        : Values.Null;

    /// <summary>Also the value and the round of the loop around an activity, unless a variable is called so.</summary>
    JsonElement Variable(string id, ActivityExecution at)
    {
        if (
            !BuiltInActivities.LoopVariables.Contains(id)
            || definition.VariablesById.ContainsKey(id)
            || definition.Variables.Any(variable => variable.Name == id)
        )
            return Variable(id);
        var loop = state.LoopAround(at);
        while (loop is { Loop.Current: null })
            loop = state.LoopAround(loop);
        return loop?.Loop is not { Current: { } current } progress ? Values.Null
            : id == "CurrentIndex" ? Values.Of(progress.Turn - 1)
            : current;
    }

    JsonElement Evaluate(WorkflowExpression expression, ActivityExecution at) =>
        expression switch
        {
            WorkflowExpression.Literal literal => literal.Value,
            WorkflowExpression.JsonText json => Values.Parse(json.Text),
            WorkflowExpression.VariableReference variable => Variable(variable.Id, at),
            WorkflowExpression.InputReference input => state.Inputs.GetValueOrDefault(input.Name),
            WorkflowExpression.JavaScript script => Run(script.Text, at),
            WorkflowExpression.UnknownKind unknown => throw new WorkflowFaultException(
                $"Expressions of type '{unknown.Type}' cannot be evaluated."
            ),
            _ => throw new InvalidOperationException("An expression of a new kind."),
        };

    JsonElement Run(string text, ActivityExecution at)
    {
        var script = new ScriptEngine();
        DefineVariables(script, text, at);
        DefineOutputs(script, text);
        script.Define("getInput", arguments => state.Inputs.GetValueOrDefault(Name(arguments)));
        script.Define("getCorrelationId", _ => Values.Of(state.CorrelationId));
        script.Define("getWorkflowInstanceId", _ => Values.Of(state.InstanceId.ToString()));
        script.Define("getWorkflowDefinitionId", _ => Values.Of(definition.Id));
        script.Define(
            "isNullOrWhiteSpace",
            arguments => Values.Of(string.IsNullOrWhiteSpace(Name(arguments)))
        );
        script.Define("isNullOrEmpty", arguments => Values.Of(Name(arguments).Length == 0));
        script.Define("toJson", arguments => Values.Of(First(arguments).GetRawText()));
        return script.Evaluate(text);
    }

    void DefineVariables(ScriptEngine script, string text, ActivityExecution at)
    {
        foreach (
            var name in BuiltInActivities.LoopVariables.Where(name =>
                text.Contains(name, StringComparison.Ordinal)
            )
        )
            script.Define($"get{name}", _ => Variable(name, at));
        foreach (var variable in definition.Variables)
        {
            var name = Pascal(variable.Name);
            if (text.Contains(name, StringComparison.Ordinal))
            {
                script.Define($"get{name}", _ => Variable(variable.Id));
                script.Define($"set{name}", arguments => Set(variable.Id, First(arguments)));
            }
        }
        script.Define("getVariable", arguments => Variable(IdOf(Name(arguments)), at));
        script.Define(
            "setVariable",
            arguments => Set(IdOf(Name(arguments)), arguments.ElementAtOrDefault(1))
        );
        if (text.Contains("variables", StringComparison.Ordinal))
            script.Define(
                "variables",
                Values.Of(definition.Variables.ToDictionary(v => v.Name, v => Variable(v.Id)))
            );
    }

    void DefineOutputs(ScriptEngine script, string text)
    {
        script.Define(
            "getOutputFrom",
            arguments => OutputOf(Name(arguments), arguments.ElementAtOrDefault(1))
        );
        if (!text.Contains("From", StringComparison.Ordinal))
            return;
        foreach (var (activity, outputs) in state.ActivityOutputs)
        foreach (var (output, value) in outputs)
            if (definition.Nodes.TryGetValue(activity, out var node))
                script.Define($"get{Pascal(output)}From{Pascal(node.Name)}", _ => value);
    }

    JsonElement OutputOf(string activity, JsonElement output)
    {
        var id = definition
            .Nodes.Values.FirstOrDefault(node => node.Id == activity || node.Name == activity)
            ?.Id;
        return
            id is not null
            && state.ActivityOutputs.TryGetValue(id, out var outputs)
            && outputs.TryGetValue(Pascal(Values.AsText(output)), out var value)
            ? value
            : Values.Null;
    }

    static bool IsTooLong(JsonElement value) =>
        value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
        && JsonMarshal.GetRawUtf8Value(value) is { Length: > ValueCharsMax } json
        && Encoding.UTF8.GetCharCount(json) > ValueCharsMax;

    /// <summary>Scripts may set what nobody declared; how much of it is bounded.</summary>
    JsonElement Set(string id, JsonElement value)
    {
        if (IsTooLong(value))
            throw new WorkflowFaultException(
                $"The variable '{id}' would be longer than {ValueCharsMax} characters."
            );
        if (!state.Variables.ContainsKey(id) && state.Variables.Count >= VariablesMax)
            throw new WorkflowFaultException($"There are {VariablesMax} variables already.");
        if (definition.VariablesById.ContainsKey(id))
            Assign(id, value);
        else
            state.Variables[id] = value.ValueKind == JsonValueKind.Undefined ? Values.Null : value;
        return Values.Null;
    }

    string IdOf(string name) =>
        definition.Variables.FirstOrDefault(variable => variable.Name == name)?.Id ?? name;

    static string Name(IReadOnlyList<JsonElement> arguments) => Values.AsText(First(arguments));

    static JsonElement First(IReadOnlyList<JsonElement> arguments) =>
        arguments.Count > 0 ? arguments[0] : Values.Null;

    static string Pascal(string name) =>
        name.Length == 0 ? name : char.ToUpperInvariant(name[0]) + name[1..];
}
