using System.Text.Json;
using Sentinel.Psa.Assets;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Psa.Automation;

/// <summary>Tells what is known about an asset, so that a drawing can decide by it.</summary>
sealed class EnrichActivity : IWorkflowActivity
{
    public ActivityDescription Description { get; } =
        new(
            "Sentinel.Enrich",
            "Case",
            "Looks up what is known about an asset, by its name, host name, address or reference.",
            [new("asset", WorkflowType.Text, true, "Such as getInput('Host').")],
            ["Asset", "Criticality", "OpenCases"],
            ["Found", "Unknown"]
        );

    public async Task<ActivityAnswer> RunAsync(ActivityCall call, CancellationToken cancellation)
    {
        var name = call.Text("asset") ?? "";
        return await AssetStore.LookUpAsync(call.Work, name, cancellation) is { } asset
            ? new ActivityAnswer.Completed(
                "Found",
                new Dictionary<string, JsonElement>
                {
                    ["Asset"] = JsonSerializer.SerializeToElement(asset, JsonSerializerOptions.Web),
                    ["Criticality"] = JsonSerializer.SerializeToElement(asset.Criticality),
                    ["OpenCases"] = JsonSerializer.SerializeToElement(asset.OpenCases),
                }
            )
            : new ActivityAnswer.Completed("Unknown");
    }
}
