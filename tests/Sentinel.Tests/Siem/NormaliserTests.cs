using System.Net;
using System.Text;
using FsCheck.Xunit;
using Sentinel.Policies;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Tests.Siem;

public sealed class NormaliserTests
{
    static readonly Policy daemon = Some.Policy(
        """
        source some.daemon
          accepts syslog where program == "daemon"
          tag watched
          line "refused [old ]{user} from {source_ip}[ port {source_port:int}]"
            is auth.login_failed severity 4 outcome failure tag refused
          line "took {seconds:number} s"
            is service.timing severity 1
        """
    );

    [Theory]
    [InlineData("Nov 23 11:00:00 web-1 daemon[7]: ", "2026-11-23T11:00:00Z")]
    [InlineData("Nov  3 11:00:00 web-1 daemon[7]: ", "2026-11-03T11:00:00Z")]
    [InlineData("Dec 24 11:00:00 web-1 daemon[7]: ", "2025-12-24T11:00:00Z")]
    [InlineData("Feb 29 11:00:00 web-1 daemon[7]: ", "2024-02-29T11:00:00Z")]
    [InlineData("Nov 23 2019 11:00:00 web-1 daemon[7]: ", "2019-11-23T11:00:00Z")]
    [InlineData("<34>Nov 23 11:00:00 web-1 daemon[7]: ", "2026-11-23T11:00:00Z")]
    [InlineData("2026-11-23T12:00:00+01:00 web-1 daemon[7]: ", "2026-11-23T11:00:00Z")]
    [InlineData("2026-11-23T11:00:00.123456Z web-1 daemon[7]: ", "2026-11-23T11:00:00.123456Z")]
    [InlineData("<34>1 2026-11-23T11:00:00Z web-1 daemon 7 - - ", "2026-11-23T11:00:00Z")]
    [InlineData(
        "<34>1 2026-11-23T11:00:00Z web-1 daemon 7 ID1 [x@1 a=\"b\\]\"][y] ",
        "2026-11-23T11:00:00Z"
    )]
    public void Every_kind_of_syslog_header_is_read(string header, string time)
    {
        var read = Some.Event(daemon, header + "refused amy from 192.0.2.7 port 22");

        Assert.Equal(DateTimeOffset.Parse(time), read.EventTime);
        Assert.Equal("web-1", read.Value(daemon, "host"));
        Assert.Equal("daemon", read.Value(daemon, "program"));
        Assert.Equal(7L, read.Value(daemon, "pid"));
        Assert.Equal("amy", read.Value(daemon, "user"));
        Assert.Equal(IPAddress.Parse("192.0.2.7"), read.Value(daemon, "source_ip"));
        Assert.Equal(22L, read.Value(daemon, "source_port"));
    }

    [Fact]
    public void A_line_becomes_what_its_template_says()
    {
        var read = Some.Event(daemon, Line("refused old amy from ::ffff:192.0.2.7"));

        Assert.Equal(("auth", "login_failed", 4), (read.Category, read.Type, read.Severity));
        Assert.Equal("failure", read.Value(daemon, "outcome"));
        Assert.Equal("some.daemon", read.Value(daemon, "source_system"));
        Assert.Equal(["watched", "refused"], (IReadOnlyList<string>)read.Value(daemon, "tags")!);
        Assert.Equal("amy", read.Value(daemon, "user"));
        Assert.Equal(IPAddress.Parse("192.0.2.7"), read.Value(daemon, "source_ip"));
        Assert.Null(read.Value(daemon, "source_port"));
    }

    [Theory]
    [InlineData("refused amy from 999.0.2.7")]
    [InlineData("refused amy from 1.2")]
    [InlineData("refused amy from 192.0.2.7 port x")]
    [InlineData("refused  from nowhere")]
    [InlineData("took s")]
    public void A_line_that_no_template_fits_says_which_source_could_not_read_it(string message)
    {
        var reading = Assert.IsType<Reading.Unreadable>(Some.Reading(daemon, Line(message)));

        Assert.Equal("some.daemon", reading.Source);
        Assert.Contains("no template", reading.Reason);
    }

    [Fact]
    public void A_line_of_nobodys_says_so()
    {
        var reading = Assert.IsType<Reading.Unreadable>(Some.Reading(daemon, "hello"));

        Assert.Equal("no source accepts it", reading.Reason);
    }

    [Fact]
    public void A_repeated_message_counts_as_often_as_it_was_said()
    {
        var line = Line("message repeated 5 times: [ refused amy from 192.0.2.7]");

        Assert.Equal(5, Some.Event(daemon, line).RepeatCount);
    }

    [Fact]
    public void A_zone_and_a_year_complete_what_a_line_leaves_out()
    {
        var options = new NormaliserOptions
        {
            Year = 2019,
            Zone = TimeZoneInfo.CreateCustomTimeZone("x", TimeSpan.FromHours(2), null, null),
        };
        var reading = Some.Reading(daemon, Line("refused amy from 192.0.2.7"), options);

        Assert.Equal(new DateTimeOffset(2019, 11, 23, 9, 0, 0, TimeSpan.Zero), reading.EventTime);
    }

    [Fact]
    public void A_source_of_ones_own_answers_before_a_shipped_one()
    {
        var own = Some.Policy(
            """
            source own.daemon
              accepts syslog where program == "daemon"
              line "refused {user:word} {detail:rest}"
                is own.refusal severity 2

            source own.other
              accepts syslog where program == "other"
              line "{detail:rest}"
                is own.other severity 1
            """
        );
        var options = new NormaliserOptions { Shipped = daemon.Sources };
        var normaliser = new Normaliser(own.Fields, own.Sources, options);

        var readings = normaliser.Normalise(
            Some.Raw([Line("refused amy from 192.0.2.7"), Line("took 3 s")])
        );

        Assert.Equal("own", Assert.IsType<Reading.Normalised>(readings[0]).Event.Category);
        Assert.Equal("own.daemon", Assert.IsType<Reading.Unreadable>(readings[1]).Source);
    }

    [Fact]
    public void Json_members_are_mapped_by_their_dotted_names()
    {
        var json = Some.Policy(
            """
            source some.json
              accepts json where app == "shop"
              timestamp time as epoch_millis, iso8601
              fields
                user = who.name
                source_ip = "client.ip"
                http_status = status
              when status >= 500
                is web.error severity 5
              otherwise is web.request severity 1
            """
        );
        const string Line =
            """{"time":1795435200000,"app":"shop","who":{"name":"amy"},"client.ip":"2001:DB8::1","status":503}""";

        var read = Some.Event(json, Line);

        Assert.Equal("error", read.Type);
        Assert.Equal(Some.Noon.AddHours(0), read.EventTime);
        Assert.Equal("amy", read.Value(json, "user"));
        Assert.Equal("2001:db8::1", FieldValue.ToText(read.Value(json, "source_ip")!));
        Assert.Equal(503L, read.Value(json, "http_status"));
    }

    [Fact]
    public void Pairs_and_cef_are_read_also_behind_a_syslog_header()
    {
        var pairs = Some.Policy(
            """
            source some.pairs
              accepts kv where level exists
              timestamp time as iso8601
              fields
                user = user
              otherwise is some.pair severity 1

            source some.cef
              accepts cef where vendor == "Example"
              timestamp rt as epoch_millis
              fields
                source_ip = src
                message = msg
              otherwise is some.cef severity 1
            """
        );

        var pair = Some.Event(pairs, "time=2026-11-23T11:00:00Z level=info user=\"amy b\" x");
        var cef = Some.Event(
            pairs,
            Line("CEF:0|Example|Wall|1|7|a\\|b|5|src=192.0.2.7 msg=it is so rt=1795431600000")
        );

        Assert.Equal("amy b", pair.Value(pairs, "user"));
        Assert.Equal("192.0.2.7", FieldValue.ToText(cef.Value(pairs, "source_ip")!));
        Assert.Equal("it is so", cef.Value(pairs, "message"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<134>")]
    [InlineData("<134>Nov 20 08:00:26 wall ")]
    [InlineData("Nov 20 08:00:26 wall ")]
    [InlineData("Nov 20 08:00:26 ")]
    [InlineData("2026-11-20T08:00:26Z wall ")]
    [InlineData("<134>1 2026-11-20T08:00:26Z wall agent - - - ")]
    [InlineData("Nov 20 08:00:26 wall agent: ")]
    public void A_cef_record_is_found_behind_any_header(string header)
    {
        var policy = Some.Policy(
            """
            source some.cef
              accepts cef where vendor == "Example" and product == "Wall" and signature_id == 7
                and device_version == 1
              timestamp rt as epoch_millis
              fields
                source_ip = src
              otherwise is some.cef severity 1
            """
        );
        var record = header + "CEF:0|Example|Wall|1|7|a|5|src=192.0.2.7 rt=1795431600000";

        var read = Some.Event(policy, record);

        Assert.Equal("192.0.2.7", FieldValue.ToText(read.Value(policy, "source_ip")!));
    }

    [Fact]
    public void Pairs_may_follow_a_time_at_once()
    {
        var policy = Some.Policy(
            """
            source some.pairs
              accepts kv where evt == "a"
              fields
                user = user
              otherwise is some.pair severity 1
            """
        );

        var read = Some.Event(policy, "2026-11-23T08:00:01Z evt=a user=amy");

        Assert.Equal("amy", read.Value(policy, "user"));
    }

    [Property(MaxTest = 300)]
    public void No_bytes_make_it_throw(byte[] bytes, byte start)
    {
        string[] starts = ["", "{\"a\":", "<34>1 ", "Nov 23 11:00:00 h daemon: refused ", "CEF:0|"];
        byte[] line = [.. Encoding.UTF8.GetBytes(starts[start % starts.Length]), .. bytes];
        var raw = Some.Raw([""])[0] with { PayloadBytes = line, Defect = RecordDefect.Of(line) };

        Assert.Single(new Normaliser(daemon.Fields, daemon.Sources).Normalise([raw]));
    }

    static string Line(string message) => $"Nov 23 11:00:00 web-1 daemon[7]: {message}";
}
