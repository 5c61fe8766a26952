using System.Text;
using System.Text.Json;

namespace Sentinel.Workflows.Definitions;

/// <summary>A definition that can run, or every reason why it cannot.</summary>
public sealed record LoadedWorkflow(
    WorkflowDefinition? Definition,
    IReadOnlyList<WorkflowProblem> Problems
)
{
    const int TextBytesMax = 1024 * 1024;
    const int JsonLevelsMax = 64;

    /// <summary>Reads and checks Elsa 3 JSON against the activities that there are.</summary>
    public static LoadedWorkflow Load(string json, IEnumerable<ActivityDescription> activities)
    {
        if (Encoding.UTF8.GetByteCount(json) > TextBytesMax)
            return Bad("WFL001", "definition", $"It is larger than {TextBytesMax} bytes.");
        JsonElement element;
        try
        {
            using var document = JsonDocument.Parse(
                json,
                new JsonDocumentOptions
                {
                    MaxDepth = JsonLevelsMax,
                    AllowDuplicateProperties = false,
                }
            );
            element = document.RootElement.Clone();
        }
        catch (JsonException problem)
        {
            return Bad("WFL001", "definition", $"It is not JSON: {problem.Message}");
        }
        return Load(element, activities);
    }

    internal static LoadedWorkflow Load(
        JsonElement json,
        IEnumerable<ActivityDescription> activities
    )
    {
        var reader = new DefinitionReader();
        if (reader.Read(json) is not { } definition)
            return new LoadedWorkflow(null, reader.Problems);
        var problems = reader
            .Problems.Concat(new DefinitionChecker(definition, ByName(activities)).Run())
            .ToList();
        return new LoadedWorkflow(problems.Count == 0 ? definition : null, problems);
    }

    /// <summary>What makes no sense in the drawing of a definition that could run.</summary>
    internal static IReadOnlyList<WorkflowProblem> Analyse(
        WorkflowDefinition definition,
        IEnumerable<ActivityDescription> activities
    ) => new DefinitionAnalysis(definition, ByName(activities)).Run();

    static Dictionary<string, ActivityDescription> ByName(
        IEnumerable<ActivityDescription> activities
    ) =>
        BuiltInActivities
            .All.Concat(activities)
            .DistinctBy(activity => activity.TypeName)
            .ToDictionary(activity => activity.TypeName, StringComparer.Ordinal);

    static LoadedWorkflow Bad(string code, string where, string message) =>
        new(null, [new WorkflowProblem(code, where, message)]);
}
