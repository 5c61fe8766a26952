using System.Text.RegularExpressions;
using Sentinel.Psa.Automation;
using Sentinel.Tests.House;

namespace Sentinel.Tests.Workflows;

public partial class ActivityIconTests
{
    [Fact]
    public void Every_activity_of_ours_has_an_icon_on_the_drawing_and_in_the_list_and_no_other_has()
    {
        var style = File.ReadAllText(
            Path.Combine(Repository.Root, "src/Sentinel.Server/Studio/Pages/sentinel.css")
        );
        var drawn = Drawn().Matches(style).Select(match => match.Groups[1].Value);
        var own = CaseActivities
            .Catalogue(TimeProvider.System)
            .Descriptions.Select(activity => activity.TypeName);

        Assert.Equal(own.Order(StringComparer.Ordinal), drawn.Order(StringComparer.Ordinal));
        Assert.Equal(own.Count(), Listed().Count(style));
    }

    [GeneratedRegex("""activity-json\*='"(Sentinel\.\w+)"'""")]
    private static partial Regex Drawn();

    [GeneratedRegex("""\[data-activity="[^"]+"\] path\{d:path""")]
    private static partial Regex Listed();
}
