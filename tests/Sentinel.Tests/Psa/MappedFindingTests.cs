using System.Text;
using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Psa.Modules;

namespace Sentinel.Tests.Psa;

public sealed class MappedFindingTests
{
    static readonly MappingDeclaration mapping = Mapping(
        """
        mapping scanner
          severity "sev1" = 9, "sev2" = medium
          category "Weak cipher" = crypto, "Old" = patch_missing
          asset target.fqdn
        """
    );

    [Fact]
    public void The_words_of_a_module_become_ours_whatever_their_case()
    {
        var mapped = Of(
            """{"id": 1, "title": "x", "severity": "SEV1", "category": "weak cipher", "target": {"fqdn": "web-1"}}"""
        );

        Assert.Equal(("crypto", 9), (mapped.Type, mapped.Severity));
        Assert.Equal(["web-1"], mapped.AssetRefs);
        Assert.Empty(mapped.NotMapped);
    }

    [Fact]
    public void What_no_mapping_knows_is_said_and_what_it_was_taken_for()
    {
        var mapped = Of(
            """{"id": 1, "title": "x", "severity": "purple", "category": "Odd", "asset": "web-2"}"""
        );

        Assert.Equal(("pentest_finding", 5), (mapped.Type, mapped.Severity));
        Assert.Equal(["web-2"], mapped.AssetRefs);
        Assert.Equal(
            [
                "category \"Odd\" is in no mapping: taken as pentest_finding",
                "severity \"purple\" is in no mapping: taken as 5",
                "the member target.fqdn, which names the asset, is not there",
            ],
            mapped.NotMapped
        );
    }

    [Theory]
    [InlineData("\"high\"", 7)]
    [InlineData("\"Critical\"", 9)]
    [InlineData("7.5", 8)]
    [InlineData("\"0\"", 0)]
    public void A_word_that_every_scale_shares_and_a_number_on_ours_need_no_mapping(
        string said,
        int ours
    )
    {
        var mapped = MappedFinding.Of(
            "edr",
            Finding($$"""{"id": 1, "title": "x", "severity": {{said}}}"""),
            null
        );

        Assert.Equal(ours, mapped.Severity);
        Assert.Empty(mapped.NotMapped);
    }

    [Theory]
    [InlineData("11")]
    [InlineData("-1")]
    [InlineData("\"1e400\"")]
    public void A_number_off_our_scale_is_no_severity(string said) =>
        Assert.Single(
            MappedFinding
                .Of("edr", Finding($$"""{"id": 1, "title": "x", "severity": {{said}}}"""), null)
                .NotMapped
        );

    [Fact]
    public void More_assets_than_a_finding_may_have_and_endless_words_are_cut_and_said()
    {
        var names = string.Join(", ", Enumerable.Range(0, 60).Select(i => $"\"web-{i}\""));
        var mapped = Of(
            $$$"""{"id": 1, "title": "x", "severity": "{{{new string('s', 5000)}}}", "target": {"fqdn": [{{{names}}}]}}"""
        );

        Assert.Equal(50, mapped.AssetRefs.Count);
        Assert.Equal(
            "the member target.fqdn names 60 assets: the first 50 are taken",
            mapped.NotMapped[^1]
        );
        Assert.True(mapped.NotMapped[0].Length < 300);
    }

    static MappedFinding Of(string record) => MappedFinding.Of("pentest", Finding(record), mapping);

    static ModuleFinding Finding(string record) =>
        Assert
            .IsType<ModuleRecord.GoodRecord>(
                Assert.Single(ModuleRecords.Read(Encoding.UTF8.GetBytes(record)))
            )
            .Finding;

    static MappingDeclaration Mapping(string text) =>
        Assert
            .IsType<PolicyLoad.Loaded>(
                Policy.Load([new PolicyText("some.sentinel", text)], EventFields.CreateTable())
            )
            .Policy.Mappings.Single();
}
