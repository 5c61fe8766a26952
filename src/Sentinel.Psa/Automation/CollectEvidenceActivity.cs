using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sentinel.Psa.Evidence;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Psa.Automation;

/// <summary>Keeps what the workflow knows as evidence: a text as it stands, anything else as JSON.</summary>
/// <param name="objects">Null where definitions are only read and simulated.</param>
sealed class CollectEvidenceActivity(EvidenceObjects? objects, TimeProvider clock)
    : IWorkflowActivity
{
    static readonly JsonSerializerOptions readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public ActivityDescription Description { get; } =
        new(
            "Sentinel.CollectEvidence",
            "Case",
            "Attaches what the workflow knows to the case, as evidence that nobody changes.",
            [
                new("title", WorkflowType.Text, true, "What it shows, in a few words."),
                new("content", WorkflowType.Any, true, "A text, or an object that becomes JSON."),
                new(
                    "evidenceType",
                    WorkflowType.Text,
                    Help: "Such as report or log; empty: report."
                ),
            ],
            ["EvidenceId", "Hash"],
            ["Done"]
        );

    public Task<ActivityAnswer> RunAsync(ActivityCall call, CancellationToken cancellation) =>
        objects is null
            ? throw new InvalidOperationException("No place for evidence was given.")
            : call.InCaseAsync(
                async caseId =>
                {
                    using var content = new MemoryStream(Encoding.UTF8.GetBytes(Content(call)));
                    return await AttachEvidence.InAsync(
                        call.Work,
                        objects,
                        new NewEvidence(
                            caseId,
                            call.Text("evidenceType") ?? "report",
                            call.Text("title") ?? ""
                        ),
                        "workflow",
                        content,
                        clock.GetUtcNow(),
                        cancellation
                    );
                },
                item => new ActivityAnswer.Completed(
                    "Done",
                    new Dictionary<string, JsonElement>
                    {
                        ["EvidenceId"] = JsonSerializer.SerializeToElement(item.Id),
                        ["Hash"] = JsonSerializer.SerializeToElement(item.Hash),
                    }
                )
            );

    static string Content(ActivityCall call) =>
        call.Text("content")
        ?? JsonSerializer.Serialize(call.Inputs.GetValueOrDefault("content"), readable);
}
