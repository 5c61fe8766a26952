using System.Text;
using Sentinel.Psa.Modules;

namespace Sentinel.Tests.Psa;

public sealed class ModuleRecordsTests
{
    [Fact]
    public void A_vulnerability_of_ocsf_says_itself_how_bad_it_is_and_what_it_concerns()
    {
        var finding = Assert.Single(
            Found(
                """
                {"class_uid": 2002, "severity_id": 4, "severity": "High", "confidence_id": 2,
                 "metadata": {"version": "1.8.0"},
                 "finding_info": {"uid": "scan-7/host-3", "title": "OpenSSL is out of date"},
                 "vulnerabilities": [{"cve": {"uid": "CVE-2026-0001"}}],
                 "resources": [{"uid": "i-0a1", "name": "web-3"}, {"name": "web-4"}, {"name": "web-4"}]}
                """
            )
        );

        Assert.Equal("scan-7/host-3", finding.OutsideId);
        Assert.Equal("OpenSSL is out of date", finding.Title);
        Assert.Equal(
            (8, "vulnerability", 60),
            (finding.StandardSeverity, finding.StandardType, finding.Confidence)
        );
        Assert.Equal(["i-0a1", "web-4"], finding.AssetRefs);
        Assert.Equal("CVE-2026-0001", finding.Fields["vulnerabilities.0.cve.uid"]);
    }

    [Theory]
    [InlineData(2003, "compliance_gap")]
    [InlineData(2004, "detection")]
    public void Each_class_of_ocsf_is_about_something(int uid, string type)
    {
        var finding = Assert.Single(
            Found(
                $$$"""{"class_uid": {{{uid}}}, "finding_info": {"uid": "1", "types": ["Malware"]}}"""
            )
        );

        Assert.Equal((type, "Malware"), (finding.StandardType, finding.Category));
    }

    [Fact]
    public void What_passed_or_was_suppressed_is_no_result_of_a_sarif_log()
    {
        var findings = Found(
            """
            {"version": "2.1.0", "runs": [{
              "tool": {"driver": {"name": "scanner", "rules": [
                {"id": "R1", "properties": {"security-severity": "9.1"}, "helpUri": "https://example.org/R1",
                 "messageStrings": {"m": {"text": "A secret is in the code"}}},
                {"id": "R2", "defaultConfiguration": {"level": "note"}}]}},
              "versionControlProvenance": [{"repositoryUri": "https://example.org/shop.git"}],
              "results": [
                {"ruleId": "R1", "ruleIndex": 0, "message": {"id": "m"}, "fingerprints": {"v1": "abc"},
                 "locations": [{"physicalLocation": {"artifactLocation": {"uri": "src/a.cs"}, "region": {"startLine": 12}}}]},
                {"ruleId": "R2", "message": {"text": "Old style"}},
                {"ruleId": "R2", "message": {"text": "Old style"}, "kind": "pass"},
                {"ruleId": "R2", "message": {"text": "Old style"}, "suppressions": [{"kind": "inSource"}]}]}]}
            """
        );

        Assert.Equal(
            ["A secret is in the code (src/a.cs:12)", "Old style"],
            findings.Select(f => f.Title)
        );
        Assert.Equal([9, 2], findings.Select(f => f.StandardSeverity));
        Assert.Equal(["R1", "R2"], findings.Select(f => f.Category));
        Assert.Equal(["https://example.org/shop.git"], findings[0].AssetRefs);
        Assert.Equal("https://example.org/R1", findings[0].Fields["help"]);
    }

    [Fact]
    public void A_result_that_moved_in_its_file_keeps_its_id()
    {
        string Log(int line) =>
            $$$"""
                {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "scanner"}}, "results": [
                  {"ruleId": "R1", "message": {"text": "Bad"}, "partialFingerprints": {"hash/v1": "77"},
                   "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.cs"}, "region": {"startLine": {{{line}}} } } }] }] }] }
                """;

        Assert.Equal(Found(Log(3))[0].OutsideId, Found(Log(40))[0].OutsideId);
    }

    [Fact]
    public void A_record_that_cannot_be_read_keeps_back_no_other()
    {
        var records = Read(
            """
            {"id": 1, "title": "The disk is full", "severity": "error", "host": "db-1"}
            {"id": 2, "title":
            {"title": "Nobody knows which"}
            "text"
            {"class_uid": 1007, "finding_info": {"uid": "x"}}
            {"id": 3, "title": "The fan is loud", "assets": ["db-1", "DB-1", "db-2"]}
            """
        );

        Assert.Equal(
            ["1", "3"],
            records.OfType<ModuleRecord.GoodRecord>().Select(r => r.Finding.OutsideId)
        );
        Assert.Equal(
            ["db-1", "db-2"],
            records.OfType<ModuleRecord.GoodRecord>().Last().Finding.AssetRefs
        );
        Assert.Equal(
            [
                "2 it is not JSON",
                "3 it has no id: add the module's own, as 'id'",
                "4 it is no JSON object: send one for each finding",
                "5 class_uid 1007 is no finding that is taken: send 2002, 2003 or 2004",
            ],
            records.OfType<ModuleRecord.BadRecord>().Select(r => $"{r.Place} {r.Reason}")
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("   \n \n")]
    [InlineData("[]")]
    [InlineData("""{"version": "2.1.0", "runs": []}""")]
    public void Nothing_gives_nothing(string delivery) => Assert.Empty(Read(delivery));

    [Fact]
    public void What_no_database_can_hold_is_replaced_and_what_is_too_deep_is_refused()
    {
        var deep =
            string.Concat(Enumerable.Repeat("[", 1000))
            + string.Concat(Enumerable.Repeat("]", 1000));

        Assert.Equal("a\uFFFDb", Found("""{"id": 1, "title": "a\u0000b"}""")[0].Title);
        Assert.IsType<ModuleRecord.BadRecord>(
            Assert.Single(Read($$"""{"id": 1, "title": "deep", "more": {{deep}}}"""))
        );
    }

    [Fact]
    public void A_record_that_is_too_deep_or_holds_half_a_character_keeps_back_no_other_of_its_array()
    {
        var deep = new string('[', 100) + new string(']', 100);
        var records = Read(
            $$"""
            [{"id": 1, "title": "good"}, {"id": 2, "title": "deep", "more": {{deep}}},
             {"id": 3, "title": "half \ud800"}, {"id": 4, "title": "x", "\ud800": 1}, {"id": 5, "title": "good"}]
            """
        );

        Assert.Equal(
            ["1", "5"],
            records.OfType<ModuleRecord.GoodRecord>().Select(r => r.Finding.OutsideId)
        );
        Assert.Equal(
            [
                "2 it has more than 64 levels: send it flatter",
                "3 it holds text that is not Unicode: send it as UTF-8",
                "4 it holds text that is not Unicode: send it as UTF-8",
            ],
            records.OfType<ModuleRecord.BadRecord>().Select(r => $"{r.Place} {r.Reason}")
        );
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused_and_a_byte_order_mark_is_none_of_the_record()
    {
        byte[] latin =
        [
            .. "{\"id\": 1, \"title\": \""u8,
            0xE9,
            .. "\"}\n{\"id\": 2, \"title\": \"good\"}"u8,
        ];
        byte[] marked = [0xEF, 0xBB, 0xBF, .. "{\"id\": 3, \"title\": \"good\"}"u8];

        var records = ModuleRecords.Read(latin);

        Assert.Equal(
            "it holds text that is not Unicode: send it as UTF-8",
            Assert.IsType<ModuleRecord.BadRecord>(records[0]).Reason
        );
        Assert.Equal("2", Assert.IsType<ModuleRecord.GoodRecord>(records[1]).Finding.OutsideId);
        Assert.Equal(
            "3",
            Assert
                .IsType<ModuleRecord.GoodRecord>(Assert.Single(ModuleRecords.Read(marked)))
                .Finding.OutsideId
        );
    }

    [Fact]
    public void Results_beyond_what_a_delivery_may_hold_are_told_of()
    {
        var results = string.Join(
            ",",
            Enumerable
                .Range(0, ModuleRecords.FindingsMax + 5)
                .Select(i => $$$"""{"ruleId": "R{{{i}}}", "message": {"text": "Bad"}}""")
        );

        var records = Read($$"""{"version": "2.1.0", "runs": [{"results": [{{results}}]}]}""");

        Assert.Equal(ModuleRecords.FindingsMax + 1, records.Count);
        Assert.Contains(
            "at most 2000 findings",
            Assert.IsType<ModuleRecord.BadRecord>(records[^1]).Reason,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_text_that_is_too_long_is_cut_between_characters()
    {
        var finding = Found(
            $$"""{"id": 1, "title": "{{new string('a', 3999)}}😀", "more": "{{new string('b', 999)}}😀"}"""
        )[0];

        Assert.Equal(new string('a', 3999), finding.Title);
        Assert.Equal(new string('b', 999), finding.Fields["more"]);
    }

    static IReadOnlyList<ModuleRecord> Read(string delivery) =>
        ModuleRecords.Read(Encoding.UTF8.GetBytes(delivery));

    static List<ModuleFinding> Found(string delivery) =>
        [.. Read(delivery).Cast<ModuleRecord.GoodRecord>().Select(record => record.Finding)];
}
