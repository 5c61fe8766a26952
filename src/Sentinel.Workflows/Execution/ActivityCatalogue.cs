using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Execution;

/// <summary>The activities that definitions may use beyond the built-in ones.</summary>
public sealed class ActivityCatalogue
{
    readonly Dictionary<string, IWorkflowActivity> activities;
    readonly Dictionary<string, ActivityDescription> descriptions;

    public ActivityCatalogue(IEnumerable<IWorkflowActivity> activities)
    {
        this.activities = activities.ToDictionary(
            activity => activity.Description.TypeName,
            StringComparer.Ordinal
        );
        descriptions = this.activities.ToDictionary(
            pair => pair.Key,
            pair =>
                pair.Value.Description with
                {
                    Inputs = [.. pair.Value.Description.Inputs, .. RetryPlan.Inputs],
                },
            StringComparer.Ordinal
        );
    }

    /// <summary>Each with the inputs that say how it is tried again.</summary>
    public IEnumerable<ActivityDescription> Descriptions => descriptions.Values;

    /// <summary>With the built-in ones.</summary>
    public IEnumerable<ActivityDescription> All => BuiltInActivities.All.Concat(Descriptions);

    internal IWorkflowActivity? Find(string typeName) => activities.GetValueOrDefault(typeName);

    /// <summary>What has an effect beyond the instance: these activities, and starting another workflow.</summary>
    internal ActivityDescription? Acting(string typeName) =>
        typeName == BuiltInActivities.ExecuteWorkflow
            ? BuiltInActivities.Executing
            : descriptions.GetValueOrDefault(typeName);

    /// <summary>Reads and checks a definition against these activities.</summary>
    public LoadedWorkflow Load(string json) => LoadedWorkflow.Load(json, Descriptions);
}
