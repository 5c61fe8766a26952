using Sentinel.Policies;
using Sentinel.Policies.Imports;
using Sentinel.Policies.Model;

namespace Sentinel.Tests.Policies.Imports;

public sealed class ImportListTests
{
    [Fact]
    public void Entries_and_why_they_are_there_are_a_list()
    {
        var list = Read("# scanners\n10.20.0.0/24\r\n\n192.0.2.7   # weekly \"test\"\n", "cidr");

        Assert.Empty(list.LeftOut);
        var loaded = Load(list.Text);
        Assert.Equal(["10.20.0.0/24", "192.0.2.7"], loaded.Entries.Select(e => e.Value));
        Assert.Equal("weekly \"test\"", loaded.Entries[1].Because);
    }

    [Fact]
    public void What_is_no_entry_is_left_out_and_named_and_the_others_stay()
    {
        var list = Read("192.0.2.1\n192.0.2.999\nhost-7\n192.0.2.2", "cidr");

        Assert.Equal(2, list.Entries);
        Assert.Equal(2, list.LeftOut.Count);
        Assert.StartsWith("line 2: ", list.LeftOut[0]);
        Assert.StartsWith("line 3: ", list.LeftOut[1]);
    }

    [Fact]
    public void Words_may_be_anything_and_many()
    {
        string[] words = ["build agent", "a\\b", "it's", "list", "because", "until", "ünïcode"];
        var many = Enumerable.Range(0, 5000).Select(i => $"word {i}");
        var list = Read(string.Join('\n', words.Concat(many)), "word");

        Assert.Empty(list.LeftOut);
        Assert.Equal(words, Load(list.Text).Entries.Take(words.Length).Select(e => e.Value));
        Assert.Equal(words.Length + 5000, list.Entries);
    }

    [Theory]
    [InlineData("Bad-Name", "cidr")]
    [InlineData("scanners", "adresses")]
    public void A_name_or_type_that_is_none_is_refused_in_a_sentence(string name, string type) =>
        Assert.EndsWith(
            ".",
            Assert.IsType<ListImport.Refused>(ImportList.Run("192.0.2.1", name, type)).Reason
        );

    static ListImport.ListText Read(string file, string type) =>
        Assert.IsType<ListImport.ListText>(ImportList.Run(file, "imported", type));

    static ListDeclaration Load(string text) =>
        Assert.Single(
            Assert
                .IsType<PolicyLoad.Loaded>(
                    Policy.Load([new PolicyText("list.sentinel", text)], EventFields.CreateTable())
                )
                .Policy.Lists
        );
}
