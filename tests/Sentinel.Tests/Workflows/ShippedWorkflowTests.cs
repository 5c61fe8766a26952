using System.Text.RegularExpressions;
using Sentinel.Psa.Automation;
using Sentinel.Tests.House;
using Sentinel.Workflows.Publication;

namespace Sentinel.Tests.Workflows;

public partial class ShippedWorkflowTests
{
    static readonly IReadOnlyDictionary<string, string> files = BootstrapWorkflows.ReadFolder(
        Path.Combine(Repository.Root, "workflows")
    );

    [Fact]
    public void Every_shipped_workflow_is_sound_tested_and_named_like_its_file()
    {
        var examine = new ExamineWorkflow(CaseActivities.Catalogue(TimeProvider.System));
        Assert.NotEmpty(files);
        foreach (var (file, json) in files)
        {
            var examined = examine.Run(json);
            Assert.Empty(examined.Problems);
            Assert.True(examined.Tests.Count >= 3, $"{file} has {examined.Tests.Count} tests");
            Assert.Equal(Path.GetFileNameWithoutExtension(file), examined.Definition!.Id);
        }
    }

    [Fact]
    public void Every_shipped_workflow_is_started_by_a_shipped_escalation_and_no_other_is()
    {
        var named = Directory
            .EnumerateFiles(
                Path.Combine(Repository.Root, "policies"),
                "*.sentinel",
                SearchOption.AllDirectories
            )
            .SelectMany(file => Started().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value + ".json");
        Assert.Equal(
            files.Keys.Order(StringComparer.Ordinal),
            named.Distinct().Order(StringComparer.Ordinal)
        );
    }

    [GeneratedRegex("^  workflow ([a-z_]+)$", RegexOptions.Multiline)]
    private static partial Regex Started();
}
