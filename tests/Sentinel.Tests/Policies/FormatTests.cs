using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Policies.Store;
using Sentinel.Policies.Syntax;
using Sentinel.Tests.House;

namespace Sentinel.Tests.Policies;

public sealed class FormatTests
{
    [Fact]
    public void Every_shipped_policy_is_formatted() =>
        Assert.All(
            Repository.Files("policies", ".sentinel"),
            file =>
                Assert.True(
                    Formatted(file.Text) == file.Text,
                    $"{file.Path}: run './sentinel policy fmt policies'."
                )
        );

    [Fact]
    public void Space_and_quotes_have_one_way()
    {
        const string text =
            "source  some.log accepts key-value\twhere  user=='a' or (user in( 'b',c )and a matches \"^x\")\r\n"
            + "   otherwise is\r\n      a.b severity 1\r\n\r\n\r\n\r\n# about it\r\nrule r\n"
            + "      \"d\\\"q\\\"\"\n      severity 1\n\n\n      attack T1,T2 # why\n";

        Assert.Equal(
            """
            source some.log
              accepts kv where user == "a" or (user in ("b", c) and a matches '^x')
              otherwise is a.b severity 1

            # about it
            rule r
              'd"q"'
              severity 1

              attack T1, T2  # why

            """,
            Formatted(text)
        );
    }

    [Fact]
    public void What_is_too_long_breaks_at_its_joints()
    {
        const string text = """
            rule r
              let a = event web.request where http_status == 200 and source_ip not in trusted_scanners and (url contains "/admin" or url contains "/setup")
              let b = event any where process_name endswith all ("/one/long/path/to/a/program", "/another/long/path/to/a/program", "/some/more/of/these/programs/that/run")
              aggregate a by user within 5m having count(a) >= 10 and distinct(a.url) > 3
              sequence by user within 10m a at least 2 times within 5m then b then no a within 1m
              confidence 50 + 2 per a beyond 10, at most 20 - 5 when any event has user
              raises something "a text that is so long that it does not stand beside the name, since {user} is said"
            """;

        Assert.Equal(
            """
            rule r
              let a = event web.request
                where http_status == 200
                  and source_ip not in trusted_scanners
                  and (url contains "/admin" or url contains "/setup")
              let b = event any
                where process_name endswith all (
                  "/one/long/path/to/a/program",
                  "/another/long/path/to/a/program",
                  "/some/more/of/these/programs/that/run"
                )
              aggregate a by user within 5m
                having count(a) >= 10 and distinct(a.url) > 3
              sequence by user within 10m
                a at least 2 times within 5m
                then b
                then no a within 1m
              confidence 50
                + 2 per a beyond 10, at most 20
                - 5 when any event has user
              raises something
                "a text that is so long that it does not stand beside the name, since {user} is said"

            """,
            Formatted(text)
        );
    }

    [Fact]
    public void Short_values_share_lines() =>
        Assert.Equal(
            """
            rule r
              let a = event any
                where user in (
                  a000, a001, a002, a003, a004, a005, a006, a007, a008, a009, a010, a011, a012, a013, a014,
                  a015, a016, a017, a018, a019
                )

            """,
            Formatted(
                $"rule r\n  let a = event any where user in ({string.Join(',', Enumerable.Range(0, 20).Select(i => $"a{i:000}"))})"
            )
        );

    [Fact]
    public void Comments_stay_where_they_stand()
    {
        const string text = """
            # of the file

            # of the list
            list l : word   # why
                # before
                a # of a
                bb  until 2027-01-01 # of bb
                  # under bb

                c because "c"
                # at the end
            # of what follows
            rule r
              let a = event any # any
                  where user == a # this
                    # or
                    or user == b
              severity 1 # last

            # of nothing
            """;

        Assert.Equal(
            """
            # of the file

            # of the list
            list l : word  # why
              # before
              a  # of a
              bb until 2027-01-01  # of bb
                # under bb

              c because "c"
              # at the end

            # of what follows
            rule r
              let a = event any  # any
                where user == a  # this
                  # or
                  or user == b
              severity 1  # last

            # of nothing

            """,
            Formatted(text)
        );
    }

    [Fact]
    public void Selections_and_entries_stand_in_columns()
    {
        const string text = """
            list l : cidr
              192.0.2.7 because "weekly"
              2001:db8::/48 until 2027-01-01
            rule r
              let failed = event auth.login_failed where user == a
              let login = event auth.login_succeeded where user == a
              let own = where user == a
            """;

        Assert.Equal(
            """
            list l : cidr
              192.0.2.7     because "weekly"
              2001:db8::/48 until 2027-01-01

            rule r
              let failed = event auth.login_failed    where user == a
              let login  = event auth.login_succeeded where user == a
              let own    = where user == a

            """,
            Formatted(text)
        );
    }

    [Fact]
    public void What_cannot_be_read_is_not_formatted() =>
        Assert.IsType<PolicyFormat.Rejected>(
            PolicyFormat.Of(new PolicyText("some.sentinel", "rule a\n  severty 7\n"))
        );

    [Property(MaxTest = 100)]
    public void A_formatted_text_says_the_same(int seed) => Check(new PolicyTexts(seed).Next());

    [Property(MaxTest = 60)]
    public void However_a_text_is_spaced_it_is_formatted_the_same(int seed, NonNegativeInt which)
    {
        var texts = ShippedPolicies.Texts.Select(t => t.Text).ToList();
        var text =
            which.Get % 2 == 0 ? new PolicyTexts(seed).Next() : texts[which.Get / 2 % texts.Count];
        var spaced = new PolicyTexts(seed).Spaced(text);

        Assert.Equal(Formatted(PolicyTexts.Plain(text)), Formatted(spaced));
    }

    [Property(MaxTest = 60)]
    public void Comments_anywhere_are_kept(int seed, NonNegativeInt which)
    {
        var texts = ShippedPolicies.Texts.Select(t => t.Text).ToList();
        var random = new PolicyTexts(seed);
        Check(
            random.Commented(
                which.Get % 2 == 0 ? random.Next() : texts[which.Get / 2 % texts.Count]
            )
        );
    }

    internal static void Check(string text)
    {
        if (PolicyFormat.Of(new PolicyText("some.sentinel", text)) is not PolicyFormat.Formatted)
            return;
        var said = SyntaxText.Of(text);
        var formatted = Formatted(text);

        Assert.True(said == SyntaxText.Of(formatted), $"{text}\n=== became\n{formatted}");
        Assert.Equal(formatted, Formatted(formatted));
        Assert.Equal(CommentsOf(text), CommentsOf(formatted));
        Assert.DoesNotContain(formatted.Split('\n'), line => line.EndsWith(' '));
    }

    static IEnumerable<string> CommentsOf(string text)
    {
        var scanner = new Scanner(new Reporter(new PolicyText("some.sentinel", text)));
        scanner.Scan();
        return scanner.Comments.Select(c => c.Text);
    }

    static string Formatted(string text) =>
        PolicyFormat.Of(new PolicyText("some.sentinel", text)) switch
        {
            PolicyFormat.Formatted formatted => formatted.Text,
            PolicyFormat.Rejected rejected => throw new InvalidOperationException(
                $"{string.Join('\n', rejected.Diagnostics)}\n{text}"
            ),
            _ => throw new InvalidOperationException(),
        };
}
