using Sentinel.Policies;

namespace Sentinel.Tests.Siem;

/// <summary>What stands inside of arrays is found by rules as any of it.</summary>
public sealed class JsonArrayTests
{
    static readonly Policy policy = Some.Policy(
        """
        source some.cloud
          accepts json where cloud == 1
          record open
          otherwise is cloud.event severity 1

        rule a
          severity 1
          let b = event cloud.event where items.name exists and items.tags.key exists and items exists and deep.list.x exists
          each b
          confidence 1
          raises c "d"
        """
    );

    [Theory]
    [InlineData("""{"cloud":1,"items":[{"name":"a"},{"name":"b"}]}""", "a, b")]
    [InlineData(
        """{"cloud":1,"items":[{"name":"a"},{"other":1},{"name":7},{"name":true}]}""",
        "a, 7, true"
    )]
    [InlineData("""{"cloud":1,"items":[{"name":["a","b"]},{"name":"c"}]}""", "a, b, c")]
    [InlineData("""{"cloud":1,"items":[1,{"name":"a"},[{"name":"z"}],{"name":null}]}""", "a")]
    [InlineData("""{"cloud":1,"items":[]}""", null)]
    [InlineData("""{"cloud":1,"items":{"name":"a"},"items":{"name":"b"}}""", "b")]
    public void Objects_of_an_array_say_what_they_have_together(string record, string? names)
    {
        var value = Some.Event(policy, record).Value(policy, "items.name");

        Assert.Equal(
            names,
            value is IEnumerable<string> many ? string.Join(", ", many) : value?.ToString()
        );
    }

    [Fact]
    public void Arrays_within_the_objects_of_arrays_are_looked_into()
    {
        var read = Some.Event(
            policy,
            """
            {"cloud":1,"items":[{"tags":[{"key":"a"},{"key":"b"}]},{"tags":[{"key":"c"}]},"x"],"deep":{"list":[{"x":1}]}}
            """
        );

        Assert.Equal(["a", "b", "c"], (IEnumerable<string>)read.Value(policy, "items.tags.key")!);
        Assert.Equal(["x"], (IEnumerable<string>)read.Value(policy, "items")!);
        Assert.Equal(1L, read.Value(policy, "deep.list.x"));
    }

    [Fact]
    public void Many_objects_take_time_in_proportion()
    {
        var items = string.Join(
            ',',
            Enumerable.Range(0, 20_000).Select(i => $$"""{"name":"n{{i}}"}""")
        );

        var value = Some.Event(policy, $$"""{"cloud":1,"items":[{{items}}]}""")
            .Value(policy, "items.name");

        Assert.Equal(20_000, ((IReadOnlyList<string>)value!).Count);
    }
}
