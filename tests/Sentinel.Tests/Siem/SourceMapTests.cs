using Sentinel.Policies;

namespace Sentinel.Tests.Siem;

/// <summary>What a member's value says: how severe an event is, and what it is.</summary>
public sealed class SourceMapTests
{
    static readonly Policy policy = Some.Policy(
        """
        source some.shop
          accepts json where shop == 1
          tag shop
          severity map from log.level: debug = 0, warn = medium, 1 to 3 = low, 7 to 9 = critical
          category map from event:
            signin = auth.login_succeeded ocsf 3002 severity 1 outcome success,
            "signin.failed" = auth.login_failed ocsf 3002 severity 4 outcome failure
          when event == signin and admin == true
            is auth.admin_login ocsf 3002 severity 5 tag admin
          otherwise is application.event severity 2
        """
    );

    [Theory]
    [InlineData("\"debug\"", 0)]
    [InlineData("\"WARN\"", 4)]
    [InlineData("2", 1)]
    [InlineData("\"2\"", 1)]
    [InlineData("9", 9)]
    [InlineData("10", 2)]
    [InlineData("-1", 2)]
    [InlineData("2.5", 2)]
    [InlineData("\"odd\"", 2)]
    [InlineData("null", 2)]
    [InlineData("{\"a\":1}", 2)]
    public void The_record_says_how_severe_it_is_where_the_map_knows_its_value(
        string level,
        int severity
    )
    {
        var read = Some.Event(policy, $$$"""{"shop":1,"log":{"level":{{{level}}}}}""");

        Assert.Equal(severity, read.Severity);
        Assert.Equal((long)severity, read.Value(policy, "severity"));
    }

    [Theory]
    [InlineData("""{"shop":1,"event":"signin"}""", "auth.login_succeeded", "success", 3002L)]
    [InlineData("""{"shop":1,"event":"signin.failed"}""", "auth.login_failed", "failure", 3002L)]
    [InlineData("""{"shop":1,"event":"signin","admin":true}""", "auth.admin_login", null, 3002L)]
    [InlineData("""{"shop":1,"event":"other"}""", "application.event", null, null)]
    public void The_record_says_what_it_is_behind_every_when_and_before_otherwise(
        string record,
        string type,
        string? outcome,
        long? ocsf
    )
    {
        var read = Some.Event(policy, record);

        Assert.Equal(type, $"{read.Category}.{read.Type}");
        Assert.Equal(outcome, read.Value(policy, "outcome"));
        Assert.Equal(ocsf, read.Value(policy, "ocsf_class"));
        Assert.Contains("shop", (IReadOnlyList<string>)read.Value(policy, "tags")!);
    }

    [Fact]
    public void A_record_cannot_claim_a_class_for_itself()
    {
        var open = Some.Policy(
            """
            source some.open
              accepts json where shop == 1
              record open
              otherwise is application.event ocsf 6008 severity 2

            rule a
              severity 1
              let b = event application.event where member_ocsf_class == 3002 and ocsf_class == 6008
              each b
              confidence 1
              raises c "d"
            """
        );

        var read = Some.Event(open, """{"shop":1,"ocsf_class":3002}""");

        Assert.Equal(6008L, read.Value(open, "ocsf_class"));
        Assert.Equal(3002L, read.Value(open, "member_ocsf_class"));
    }

    [Theory]
    [InlineData("severity map from level: 9 to 3 = low", "POL012")]
    [InlineData("severity map from level: high to low = low", "POL012")]
    [InlineData("severity map from level: a = low, A = high", "POL115")]
    [InlineData("severity map from level: a = grave", "POL015")]
    [InlineData("category map from event: a = b.c", "POL009")]
    [InlineData("category map from event: a = b.c severity 1, a = b.d severity 1", "POL115")]
    [InlineData("category map from event: a = b.c ocsf 1 severity 1", "POL132")]
    public void What_a_map_cannot_say_is_a_diagnostic(string clause, string code)
    {
        var text = $"""
            source some.shop
              accepts json where shop == 1
              {clause}
              otherwise is application.event severity 2
            """;

        Assert.Contains(Policies.Some.Diagnostics(text), d => d.Code == code);
    }

    [Fact]
    public void Lines_have_no_members_to_map() =>
        Assert.Contains(
            Policies.Some.Diagnostics(
                """
                source some.log
                  accepts text
                  severity map from level: a = low
                  line "{user}"
                    is a.b severity 1
                """
            ),
            d => d.Code == "POL032"
        );
}
