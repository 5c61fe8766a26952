using System.Globalization;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Sentinel.Workflows.Text;

namespace Sentinel.Tests.Workflows.Generated;

/// <summary>
/// An instance that may go on in another drawing does there what it would have done had it been started there: on
/// random programs, drawn otherwise in one place, and moved at a random moment.
/// </summary>
public class MovedFlowTests
{
    const int RoundsMax = 300;

    static readonly HashSet<string> none = [];

    [Property(MaxTest = 400)]
    public Property Whoever_moves_goes_on_as_if_started_there(int seed)
    {
        var (moved, wrong) = Try(seed);
        return (wrong is null).Label(wrong ?? "").Classify(moved is true, "moved");
    }

    [Fact]
    public void Some_move_into_another_drawing_and_some_may_not()
    {
        var all = Enumerable.Range(0, 150).Select(seed => Try(seed).Moved).ToList();
        Assert.InRange(all.Count(moved => moved is true), 15, 135);
        Assert.InRange(all.Count(moved => moved is false), 15, 135);
    }

    static (bool? Moved, string? Wrong) Try(int seed)
    {
        var drawing = Drawing.Of(new Programs(seed).Next());
        var random = new Random(seed);
        var other = drawing.DeepClone();
        Redraw(other, random);
        if (
            StormyHost.Activities.Load(drawing.ToJsonString()).Definition is not { } from
            || StormyHost.Activities.Load(other.ToJsonString()).Definition is not { } to
        )
            return (null, null);
        var there = new StormyHost(to, none, seed, calm: true);
        var mover = new StormyHost(from, none, seed, calm: true, (random.Next(1, 12), to));
        var (meant, came) = (there.Run(RoundsMax), mover.Run(RoundsMax));
        var isRight =
            mover.HasMoved is not true
            || (meant == came && there.Outside.SequenceEqual(mover.Outside));
        return (
            mover.HasMoved,
            isRight
                ? null
                : $"{meant}: {string.Join(' ', there.Outside.Take(40))}\n{came}: {string.Join(' ', mover.Outside.Take(40))}\n"
                    + string.Join(
                        '\n',
                        DefinitionDifference.Between(drawing.ToJsonString(), other.ToJsonString())
                    )
                    + $"\n{drawing.ToJsonString()}"
        );
    }

    /// <summary>A connection is taken away, added or led elsewhere, or something new stands in it.</summary>
    static void Redraw(JsonNode drawing, Random random)
    {
        List<JsonObject> flowcharts = [];
        Collect(drawing["root"]!, flowcharts);
        var flowchart = flowcharts[random.Next(flowcharts.Count)];
        var connections = flowchart["connections"]!.AsArray();
        var activities = flowchart["activities"]!.AsArray();
        if (connections.Count == 0)
            return;
        var place = random.Next(connections.Count);
        var connection = connections[place]!;
        switch (random.Next(4))
        {
            case 0:
                connections.RemoveAt(place);
                break;
            case 1:
                var added = connection.DeepClone();
                added["target"]!["activity"] = Any(activities, random);
                connections.Add(added);
                break;
            case 2:
                connection["target"]!["activity"] = Any(activities, random);
                break;
            default:
                var id = "new" + random.Next(1000).ToString(CultureInfo.InvariantCulture);
                var on = connection.DeepClone();
                on["source"]!["activity"] = id;
                on["source"]!["port"] = "Done";
                connection["target"]!["activity"] = id;
                connections.Add(on);
                activities.Add(new JsonObject { ["id"] = id, ["type"] = "Test.Act" });
                break;
        }
    }

    static string Any(JsonArray activities, Random random) =>
        (string)activities[random.Next(activities.Count)]!["id"]!;

    static void Collect(JsonNode activity, List<JsonObject> flowcharts)
    {
        if (activity is not JsonObject one)
            return;
        if ((string?)one["type"] == "Elsa.Flowchart")
            flowcharts.Add(one);
        foreach (var inner in one["activities"]?.AsArray() ?? [])
            Collect(inner!, flowcharts);
        foreach (var port in new[] { "body", "then", "else" })
            if (one[port] is { } inner)
                Collect(inner, flowcharts);
    }
}
