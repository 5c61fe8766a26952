using System.Net;
using FsCheck.Xunit;
using Sentinel.Policies;
using Sentinel.Policies.Model;

namespace Sentinel.Tests.Policies;

public sealed class ConditionTests
{
    static readonly Dictionary<string, object> someEvent = new()
    {
        ["user"] = "Root",
        ["severity"] = 7L,
        ["source_ip"] = IPAddress.Parse("10.20.0.9"),
        ["destination_ip"] = IPAddress.Parse("10.20.0.9"),
        ["event_time"] = new DateTimeOffset(2027, 1, 31, 23, 59, 0, TimeSpan.Zero),
        ["clock_drift"] = false,
        ["tags"] = new[] { "vpn", "linux" },
        ["url"] = "/admin/.env?x=1",
        ["http_status"] = 404L,
        ["command_line"] = "powershell /enc \u2014hidden SQBFAFgA",
        ["message"] = "Zm9vYmFy",
        ["parent_process"] = "root.exe",
    };

    [Theory]
    [InlineData("user == root", true)]
    [InlineData("user cased == root", false)]
    [InlineData("user cased == Root", true)]
    [InlineData("user != root", false)]
    [InlineData("user in (amy, root)", true)]
    [InlineData("user not in (amy, root)", false)]
    [InlineData("user contains 'oo'", true)]
    [InlineData("user contains all (o, r)", true)]
    [InlineData("user contains all (o, x)", false)]
    [InlineData("user not startswith ro", false)]
    [InlineData("url endswith ('x=1', 'y=2')", true)]
    [InlineData("""url matches '/\.env([?]|$)'""", true)]
    [InlineData("url matches 'ADMIN'", false)]
    [InlineData("url matches '(?i)ADMIN'", true)]
    [InlineData("severity >= high", true)]
    [InlineData("severity > high", false)]
    [InlineData("severity == high", true)]
    [InlineData("severity <= medium", false)]
    [InlineData("severity < critical", true)]
    [InlineData("http_status in (401, 404)", true)]
    [InlineData("source_ip cidr 10.20.0.0/24", true)]
    [InlineData("source_ip cidr 10.20.1.0/24", false)]
    [InlineData("source_ip in (192.0.2.1, 10.0.0.0/8)", true)]
    [InlineData("source_ip == 10.20.0.9", true)]
    [InlineData("source_ip == field(destination_ip)", true)]
    [InlineData("user == field(domain)", false)]
    [InlineData("user exists", true)]
    [InlineData("domain exists", false)]
    [InlineData("has user", true)]
    [InlineData("has clock_drift", false)]
    [InlineData("clock_drift exists", true)]
    [InlineData("clock_drift == false", true)]
    [InlineData("tags contains vpn", true)]
    [InlineData("tags contains vp", false)]
    [InlineData("event_time < 2027-02-01", true)]
    [InlineData("user == amy or severity == 7 and http_status == 404", true)]
    [InlineData("(user == amy or severity == 7) and http_status == 405", false)]
    [InlineData("not not user == root", true)]
    [InlineData("url like '*/.env*'", true)]
    [InlineData("url like '/adm?n/*'", true)]
    [InlineData("url like '/ADMIN/*'", true)]
    [InlineData("url cased like '/ADMIN/*'", false)]
    [InlineData("url like '/admin'", false)]
    [InlineData("url like all ('*env*', '/?dmin*', '/admin/.env[?]x=1')", false)]
    [InlineData("url like ('nothing', '/*x=1')", true)]
    [InlineData("url matches i 'ADMIN'", true)]
    [InlineData("url matches is ('NO', 'ADMIN.*X')", true)]
    [InlineData("url matches all ('admin', 'env')", true)]
    [InlineData("url matches i", true)]
    [InlineData("command_line contains windash '-enc'", true)]
    [InlineData("command_line contains '-enc'", false)]
    [InlineData("command_line contains all windash (' -enc ', ' -hidden')", true)]
    [InlineData("command_line endswith wide base64 'IEX'", true)]
    [InlineData("command_line contains wide base64offset ('nothing', 'EX')", true)]
    [InlineData("message contains base64offset 'oba'", true)]
    [InlineData("message == base64 'foobar'", true)]
    [InlineData("message in base64 ('x', 'foobar')", true)]
    [InlineData("source_ip != field(destination_ip)", false)]
    [InlineData("parent_process contains field(user)", true)]
    [InlineData("parent_process cased contains field(user)", false)]
    [InlineData("parent_process startswith field(user)", true)]
    [InlineData("parent_process not endswith field(user)", true)]
    [InlineData("hour(event_time) >= 22", true)]
    [InlineData("hour(event_time) in (0, 1)", false)]
    [InlineData(
        "minute(event_time) == 59 and day(event_time) == 31 and month(event_time) < 2",
        true
    )]
    [InlineData("year(event_time) != 2026 and week(event_time) == 4", true)]
    [InlineData("weekday(event_time) == 7", true)]
    [InlineData("record contains 'x=1'", true)]
    [InlineData("record contains all ('x=1', 'VPN')", true)]
    [InlineData("record not like 'nothing*'", true)]
    [InlineData("record matches '^40[0-9]$'", true)]
    [InlineData("\"user\" == root", true)]
    [InlineData("source_ip in scanners", true)]
    [InlineData("user in people", true)]
    [InlineData("http_status in refused", true)]
    [InlineData("severity in refused", false)]
    public void A_condition_means_what_it_says(string condition, bool holds) =>
        Assert.Equal(holds, Holds(condition, someEvent));

    [Theory]
    [InlineData("1 of is_*", true)]
    [InlineData("all of is_*", false)]
    [InlineData("2 of (is_root, is_admin, is_post)", true)]
    [InlineData("3 of is_*", false)]
    [InlineData("any of (is_post, is_root)", true)]
    [InlineData("is_root and not is_post", true)]
    [InlineData("both", true)]
    public void A_named_part_means_the_condition_that_it_names(string condition, bool holds)
    {
        var text = Text(
                $"(is_root or is_admin or is_post or both or user exists) and ({condition})"
            )
            .Replace(
                "  let failed",
                """
                  let is_root = where user == root
                  let both = where is_root and is_admin
                  let is_admin = where url startswith '/admin'
                  let is_post = where http_method == post
                  let failed
                """
            );
        Assert.Equal(holds, HoldsIn(Some.Policy(text), someEvent));
    }

    [Theory]
    [InlineData("domain == a")]
    [InlineData("domain in (a, b)")]
    [InlineData("domain contains a")]
    [InlineData("domain matches '.*'")]
    [InlineData("domain in people")]
    [InlineData("source_port >= 0")]
    [InlineData("source_port < 70000")]
    [InlineData("has domain")]
    [InlineData("domain == field(user)")]
    public void A_comparison_with_an_absent_field_is_false_and_its_negation_true(string condition)
    {
        Assert.False(Holds(condition, someEvent));
        Assert.True(Holds($"not {condition}", someEvent));
    }

    [Fact]
    public void The_negated_operators_are_negations_too()
    {
        Assert.True(Holds("domain != a", someEvent));
        Assert.True(Holds("domain not in (a, b)", someEvent));
        Assert.True(Holds("source_port not in (1, 2)", someEvent));
    }

    [Theory]
    [InlineData(2027, 1, 31, true)]
    [InlineData(2027, 2, 1, false)]
    public void An_entry_holds_through_its_last_day_by_the_events_own_time(
        int y,
        int m,
        int d,
        bool holds
    )
    {
        var then = new Dictionary<string, object>(someEvent)
        {
            ["event_time"] = new DateTimeOffset(y, m, d, 0, 0, 0, TimeSpan.Zero),
        };

        Assert.Equal(holds, Holds("source_ip in scanners", then));
    }

    [Property(MaxTest = 200)]
    public bool A_range_has_exactly_the_addresses_with_its_first_bits(
        uint range,
        uint address,
        byte bits
    )
    {
        var prefix = bits % 33;
        var mask = prefix == 0 ? 0 : uint.MaxValue << (32 - prefix);
        var expected = (range & mask) == (address & mask);
        var then = new Dictionary<string, object> { ["source_ip"] = Address(address) };
        return Holds($"source_ip cidr {Address(range)}/{prefix}", then) == expected;
    }

    [Property(MaxTest = 200)]
    public bool Numbers_compare_as_numbers(int value, uint wanted)
    {
        var n = wanted % 1_000_000_000;
        var then = new Dictionary<string, object> { ["http_status"] = (long)value };
        return Holds($"http_status >= {n}", then) == (value >= n)
            && Holds($"http_status == {n}", then) == (value == n)
            && Holds($"http_status != {n}", then) == (value != n);
    }

    [Fact]
    public void The_parts_joined_by_and_are_kept_apart_with_the_fields_that_they_read()
    {
        var rule = Some.Policy(
            Text("user == root and (severity > 3 or url exists) and not has domain")
        ).Rules[0];

        var parts = rule.Pattern.Selectors[0].Conditions;

        Assert.Equal(
            ["user == root", "severity > 3 or url exists", "not has domain"],
            parts.Select(p => p.Text)
        );
        Assert.Equal(["severity", "url"], parts[1].Reads.Select(f => f.Name));
    }

    [Fact]
    public void A_condition_is_a_tree_whose_equal_questions_are_equal()
    {
        var rule = Some.Policy(
            Text(
                "user not in (root, amy) and (url contains all ('a', \"b\") or user in (root, amy))"
            )
        ).Rules[0];
        var trees = rule.Pattern.Selectors[0].Conditions.Select(c => c.Tree).ToList();

        var not = Assert.IsType<ConditionTree.NotOf>(trees[0]);
        var any = Assert.IsType<ConditionTree.AnyOf>(trees[1]);
        Assert.Equal(
            ["url contains 'a'", "url contains \"b\"", "user in (root, amy)"],
            any.Leaves.Select(leaf => leaf.Text)
        );
        Assert.Equal(not.Of, any.Of[1]);
        Assert.NotEqual(any.Leaves.First().Predicate, any.Leaves.Last().Predicate);
        Assert.Equal(
            3,
            trees.SelectMany(t => t.Leaves).Select(leaf => leaf.Predicate).Distinct().Count()
        );
    }

    [Fact]
    public void A_value_is_read_as_bytes_without_being_a_string()
    {
        var fields = EventFields.CreateTable();
        IFieldValues one = new Values(fields, someEvent);

        Assert.True(one.TryGetUtf8(fields.Find("http_status")!.Ordinal, out var status));
        Assert.Equal("404"u8, status);
        Assert.True(one.TryGetUtf8(fields.Find("user")!.Ordinal, out var user));
        Assert.Equal("Root"u8, user);
        Assert.False(one.TryGetUtf8(fields.Find("tags")!.Ordinal, out _));
        Assert.False(one.TryGetUtf8(fields.Find("domain")!.Ordinal, out _));
    }

    [Fact]
    public void A_query_is_a_condition_that_stands_alone()
    {
        var fields = EventFields.CreateTable();

        var loaded = Assert.IsType<QueryLoad.Loaded>(
            Query.Load("user == root and url exists", fields)
        );
        Assert.All(loaded.Conditions, c => Assert.True(c.Holds(new Values(fields, someEvent))));
        var rejected = Assert.IsType<QueryLoad.Rejected>(Query.Load("usr == root", fields));
        Assert.Equal("POL014", Assert.Single(rejected.Diagnostics).Code);
        Assert.IsType<QueryLoad.Rejected>(Query.Load("", fields));
    }

    static bool Holds(string condition, Dictionary<string, object> values)
    {
        return HoldsIn(Some.Policy(Text(condition)), values);
    }

    static bool HoldsIn(Policy policy, Dictionary<string, object> values)
    {
        var one = new Values(policy.Fields, values);
        return policy.Rules[0].Pattern.Selectors[0].Conditions.All(c => c.Holds(one));
    }

    static string Text(string condition) =>
        """
            list scanners : cidr
              10.20.0.0/24 until 2027-01-31
            list people : word
              root
            list refused : number
              401
              404.0
            source some.log
              accepts text
              line "{user}"
                is auth.login_failed severity 4
            rule some
              severity 5
              let failed = event auth.login_failed where CONDITION
              each failed
              confidence 50
              raises guessing "something"

            """.Replace("CONDITION", condition);

    static IPAddress Address(uint number) =>
        new([(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number]);

    sealed class Values(FieldTable table, Dictionary<string, object> values) : IFieldValues
    {
        public object? this[int ordinal] => values.GetValueOrDefault(table.All[ordinal].Name);

        public IEnumerable<object> Everything => values.Values;
    }
}
