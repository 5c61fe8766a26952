using System.Text;
using Sentinel.Policies;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Detection;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Tests.Siem;

public sealed class EventReaderTests
{
    const int EventsCount = 2_000;
    const int BytesAnEventMax = 64;

    static readonly Policy policy = Some.Policy(
        """
        source some.daemon
          accepts syslog where program == "daemon"
          line "refused [old ]{user} from {source_ip:ip} port {source_port:int}"
            is auth.login_failed severity 4 outcome failure

        source some.windows
          accepts json where Channel exists
          timestamp "@timestamp" as iso8601
          fields
            command_line = CommandLine
            user = User
            pid = Event.ProcessId
          when EventID == 1
            is process.created severity 1
          otherwise is windows.event severity 1

        rule never
          "Nobody of that name"
          severity 3
          let failed = event auth.login_failed where user == "nobody-else"
          each failed
          confidence 50
          raises never "{failed.user}"

        rule nothing
          "No such command"
          severity 3
          let created = event process.created where command_line contains "no-such-command"
          each created
          confidence 50
          raises nothing "{created.user}"
        """
    );

    [Theory]
    [InlineData("Nov 23 11:00:00 web-1 daemon[7]: refused amy from 192.0.2.7 port 22")]
    [InlineData(
        """{"@timestamp":"2026-11-23T11:00:00.123Z","Channel":"Security","EventID":1,"User":"amy","CommandLine":"C:\\Windows\\System32\\whoami.exe /all","Event":{"ProcessId":4711}}"""
    )]
    public void An_event_that_no_rule_takes_leaves_next_to_nothing_behind(string line)
    {
        var reader = new EventReader(
            new Normaliser(policy.Fields, policy.Sources, new NormaliserOptions { Year = 2026 }),
            new Enricher(policy.Fields, KnownThings.None),
            new EventMatcher(policy.Fields, policy.Rules)
        );
        var task = TaskOf(line);
        reader.Read(task);
        Assert.Equal(EventsCount, task.Found.Events.Length);

        var before = GC.GetAllocatedBytesForCurrentThread();
        reader.Read(task);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(EventsCount, task.Found.Events.Length);
        Assert.Equal(0, task.Found.Matches.Count);
        Assert.True(bytes < EventsCount * BytesAnEventMax, $"{bytes / EventsCount} bytes an event");
    }

    static ReadTask TaskOf(string line)
    {
        var raw = Some.Raw([line])[0];
        var task = new ReadTask(raw, new KnownPosition(raw.Position), 0);
        var text = string.Concat(Enumerable.Repeat(line + "\n", EventsCount));
        task.Block.Bytes = Encoding.UTF8.GetBytes(text);
        task.Block.Length = task.Block.Bytes.Length;
        task.Block.Place = RecordPlace.Start;
        return task;
    }
}
