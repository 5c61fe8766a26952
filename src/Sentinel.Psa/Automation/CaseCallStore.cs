using System.Text.Json;
using Npgsql;
using Sentinel.Psa.Audit;
using Sentinel.Workflows.Execution;

namespace Sentinel.Psa.Automation;

/// <summary>What the activities have in common: which case they act on, and how a rule's no arrives.</summary>
static class CaseCallStore
{
    /// <summary>The input that every workflow of a case is started with.</summary>
    public const string Input = "CaseId";

    const string RefusedByRule = "SNR01";

    public static Guid? Case(this ActivityCall call) =>
        call.WorkflowInputs.TryGetValue(Input, out var value)
        && value.ValueKind == JsonValueKind.String
        && Guid.TryParse(value.GetString(), out var caseId)
            ? caseId
            : null;

    public static string? Text(this ActivityCall call, string input) =>
        call.Inputs.TryGetValue(input, out var value)
        && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: > 0 } text
            ? text
            : null;

    public static DateTimeOffset? DueIn(this ActivityCall call, string input, DateTimeOffset now) =>
        call.Text(input) is { } text
        && TimeSpan.Parse(text, System.Globalization.CultureInfo.InvariantCulture) is var duration
        && duration < DateTimeOffset.MaxValue - now
            ? now + duration
            : null;

    /// <summary>Without a case there is nothing to act on; a refusal becomes the activity's failure.</summary>
    public static async Task<ActivityAnswer> InCaseAsync<T>(
        this ActivityCall call,
        Func<Guid, Task<Outcome<T>>> act,
        Func<T, ActivityAnswer> answer
    )
    {
        if (call.Case() is not { } caseId)
            return new ActivityAnswer.Failed(
                $"The workflow was started without the input {Input}: start it for a case."
            );
        try
        {
            var outcome = await act(caseId);
            return outcome.Match(
                answer,
                missing => new ActivityAnswer.Failed($"There is no {missing}."),
                refusal => new ActivityAnswer.Failed(refusal.ToString())
            );
        }
        catch (PostgresException refused) when (refused.SqlState == RefusedByRule)
        {
            throw new ActivityRefusedException(refused.MessageText);
        }
    }
}
