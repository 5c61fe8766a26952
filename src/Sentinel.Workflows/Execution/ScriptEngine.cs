using System.Text.Json;
using Jint;
using Jint.Native;
using Jint.Native.Json;
using Jint.Runtime;
using Jint.Runtime.Interop;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Execution;

/// <summary>
/// JavaScript in a box: it sees the variables, inputs and outputs of its instance and nothing else,
/// and has limits on time, memory, statements and depth.
/// </summary>
sealed class ScriptEngine
{
    const int TimeoutMilliseconds = 1_000;
    const int MemoryBytesMax = 16 * 1024 * 1024;
    const int StatementsMax = 100_000;
    const int RecursionLevelsMax = 64;
    const uint ArrayItemsMax = 10_000;

    readonly Engine engine = new(options =>
    {
        options.TimeoutInterval(TimeSpan.FromMilliseconds(TimeoutMilliseconds));
        options.LimitMemory(MemoryBytesMax);
        options.MaxStatements(StatementsMax);
        options.LimitRecursion(RecursionLevelsMax);
        options.Constraints.MaxArraySize = ArrayItemsMax;
        options.Constraints.RegexTimeout = TimeSpan.FromMilliseconds(TimeoutMilliseconds);
        options.DisableStringCompilation();
    });

    public void Define(string name, Func<IReadOnlyList<JsonElement>, JsonElement> function) =>
        engine.SetValue(
            name,
            new ClrFunction(
                engine,
                name,
                (_, arguments) => ToScript(function([.. arguments.Select(FromScript)]))
            )
        );

    /// <summary>A value that the script can read; writing to it changes nothing.</summary>
    public void Define(string name, JsonElement value)
    {
        var script = ToScript(value);
        engine.Invoke(engine.Evaluate("Object.freeze"), script);
        engine.SetValue(name, script);
    }

    /// <exception cref="WorkflowFaultException">The script threw, or went over a limit.</exception>
    public JsonElement Evaluate(string text)
    {
        try
        {
            return FromScript(engine.Evaluate(Script.Prepare(text)));
        }
        catch (Exception failure)
            when (failure
                    is JavaScriptException
                        or JintException
                        or TimeoutException
                        or ScriptPreparationException
                        or FormatException
            )
        {
            throw new WorkflowFaultException(failure.Message);
        }
    }

    JsValue ToScript(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => new JsString(value.GetString()!),
            JsonValueKind.Number => new JsNumber(value.GetDouble()),
            JsonValueKind.True => JsBoolean.True,
            JsonValueKind.False => JsBoolean.False,
            JsonValueKind.Object or JsonValueKind.Array => new JsonParser(engine).Parse(
                value.GetRawText()
            ),
            JsonValueKind.Null or JsonValueKind.Undefined => JsValue.Null,
        };

    JsonElement FromScript(JsValue value)
    {
        if (value.IsString())
            return Values.Keepable(Values.Of(value.AsString()));
        if (value.IsNumber())
            return Values.OfNumber(value.AsNumber());
        if (value.IsBoolean())
            return Values.Of(value.AsBoolean());
        var json = value.IsObject()
            ? new Jint.Native.Json.JsonSerializer(engine).Serialize(value)
            : JsValue.Undefined;
        return json.IsString() ? Values.Keepable(Values.Parse(json.AsString())) : Values.Null;
    }
}
