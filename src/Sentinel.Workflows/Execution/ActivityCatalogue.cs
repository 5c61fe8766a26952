using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Execution;

/// <summary>The activities that definitions may use beyond the built-in ones.</summary>
public sealed class ActivityCatalogue
{
    readonly Dictionary<string, IWorkflowActivity> activities;

    public ActivityCatalogue(IEnumerable<IWorkflowActivity> activities) =>
        this.activities = activities.ToDictionary(
            activity => activity.Description.TypeName,
            StringComparer.Ordinal
        );

    public IEnumerable<ActivityDescription> Descriptions =>
        activities.Values.Select(activity => activity.Description);

    /// <summary>With the built-in ones.</summary>
    public IEnumerable<ActivityDescription> All => BuiltInActivities.All.Concat(Descriptions);

    internal IWorkflowActivity? Find(string typeName) => activities.GetValueOrDefault(typeName);

    /// <summary>What has an effect beyond the instance: these activities, and starting another workflow.</summary>
    internal ActivityDescription? Acting(string typeName) =>
        typeName == BuiltInActivities.ExecuteWorkflow
            ? BuiltInActivities.Executing
            : Find(typeName)?.Description;

    /// <summary>Reads and checks a definition against these activities.</summary>
    public LoadedWorkflow Load(string json) => LoadedWorkflow.Load(json, Descriptions);
}
