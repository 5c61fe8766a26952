using System.Text.Json;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>
/// An activity whose effect is a row: if it ran twice, there would be two. It fails as often as it is
/// told to, after its effect, as a crash would.
/// </summary>
sealed class Counting(string typeName) : IWorkflowActivity
{
    public int FailuresLeft { get; set; }

    /// <summary>By text: what it says instead of doing anything.</summary>
    public Dictionary<string, string> Refusals { get; } = [];

    public ActivityDescription Description { get; } =
        new(typeName, "Test", "Adds a row.", [new("text", WorkflowType.Text)], ["Text"], ["Done"]);

    public async Task<ActivityAnswer> RunAsync(ActivityCall call, CancellationToken cancellation)
    {
        var text = call.Inputs["text"].GetString()!;
        if (Refusals.TryGetValue(text, out var refusal))
            return new ActivityAnswer.Failed(refusal);
        await using var command = call.Work.Command(
            "INSERT INTO public.effects (key, text) VALUES ($1, $2)"
        );
        command.Parameters.AddWithValue(call.IdempotencyKey);
        command.Parameters.AddWithValue(text);
        await command.ExecuteNonQueryAsync(cancellation);
        if (FailuresLeft-- > 0)
            throw new InvalidOperationException("The connection to the moon was lost.");
        return new ActivityAnswer.Completed(
            "Done",
            new Dictionary<string, JsonElement>
            {
                ["Text"] = JsonSerializer.SerializeToElement(text),
            }
        );
    }
}
