using Sentinel.Psa.Automation;
using Sentinel.Tests.House;
using Sentinel.Workflows.Publication;

namespace Sentinel.Tests.Workflows;

public class ShippedWorkflowTests
{
    [Fact]
    public void Every_shipped_workflow_is_sound_and_named_like_its_file()
    {
        var activities = CaseActivities.Catalogue(TimeProvider.System);
        var files = BootstrapWorkflows.ReadFolder(Path.Combine(Repository.Root, "workflows"));
        Assert.NotEmpty(files);
        foreach (var (file, json) in files)
        {
            var loaded = activities.Load(json);
            Assert.Empty(loaded.Problems);
            Assert.Equal(Path.GetFileNameWithoutExtension(file), loaded.Definition!.Id);
        }
    }
}
