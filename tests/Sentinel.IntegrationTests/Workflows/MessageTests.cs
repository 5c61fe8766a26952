using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using MailKit.Security;
using Microsoft.Extensions.Time.Testing;
using Sentinel.IntegrationTests.Psa;
using Sentinel.Psa.Outbound;
using SmtpServer.Protocol;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>Workflows that send mail to a real server, CloudEvents and chat messages to a real listener.</summary>
public sealed class MessageTests
{
    static readonly NewConnector Room = new("room", "chat", "https://chat.example", false);

    [Fact]
    public async Task Mail_goes_out_once_with_what_was_drawn_and_the_workflow_goes_on()
    {
        await using var server = new MailServer();
        await using var work = await StartAsync();
        await work.Office.ConnectorAsync(Mail(server));

        await work.BeginAsync("tell");
        await work.SendAsync();
        await work.RunAsync();

        Assert.Equal("tell sent", Told(await work.PathAsync()));
        var mail = Assert.Single(server.Taken);
        Assert.Equal("root was let in", mail.Subject);
        Assert.Equal("sentinel@example.org", mail.From.ToString());
        Assert.Equal(
            "night@example.org, owner@example.org",
            string.Join(", ", mail.To.Select(one => one.ToString()))
        );
        Assert.Contains("Look at 192.0.2.9, Zoë.", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("\"ip\": \"192.0.2.9\"", mail.TextBody, StringComparison.Ordinal);
        Assert.EndsWith("@example.org", mail.MessageId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_that_is_put_off_comes_later_and_one_that_is_refused_does_not()
    {
        await using var server = new MailServer();
        await using var work = await StartAsync();
        await work.Office.ConnectorAsync(Mail(server));
        server.Replies.Enqueue(SmtpReplyCode.InsufficientStorage);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());

        await work.BeginAsync("tell");
        clock.Advance(TimeSpan.FromSeconds(5));
        await work.SendAsync(clock);
        Assert.Equal("asked", await OutboundAsync(work, "status"));
        clock.Advance(TimeSpan.FromSeconds(31));
        await work.SendAsync(clock);
        Assert.Equal("succeeded", await OutboundAsync(work, "status"));
        Assert.Single(server.Taken);

        server.Replies.Enqueue(SmtpReplyCode.MailboxUnavailable);
        await work.RunAsync();
        await work.BeginAsync("tell");
        clock.Advance(TimeSpan.FromSeconds(5));
        await work.SendAsync(clock);

        Assert.Equal("failed", await OutboundAsync(work, "status"));
        Assert.Contains("550", await OutboundAsync(work, "outcome"), StringComparison.Ordinal);
        Assert.Single(server.Taken);
    }

    [Theory]
    [InlineData("right", "succeeded")]
    [InlineData("wrong", "asked")]
    public async Task The_name_and_password_of_a_mail_server_lie_in_a_secret_of_the_organisation(
        string password,
        string status
    )
    {
        await using var server = new MailServer(("sentinel", "right"));
        await using var work = await StartAsync();
        await work.Office.ConnectorAsync(Mail(server));
        work.Office.Database.Data.WriteSecret(
            $"connector-{work.Office.OrganisationId}-channel",
            $"sentinel\n{password}\n"
        );

        await work.BeginAsync("tell");
        await work.SendAsync();

        Assert.Equal(status, await OutboundAsync(work, "status"));
        Assert.Equal(status == "succeeded" ? 1 : 0, server.Taken.Count);
    }

    [Fact]
    public async Task Nothing_is_said_to_a_mail_server_whose_certificate_is_not_trusted()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest(
            "CN=localhost",
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        ).CreateSelfSigned(
            TimeProvider.System.GetUtcNow().AddDays(-1),
            TimeProvider.System.GetUtcNow().AddDays(1)
        );
        await using var server = new MailServer(certificate: certificate);
        await using var work = await StartAsync();
        await work.Office.ConnectorAsync(
            Mail(server) with
            {
                Url = $"smtps://127.0.0.1:{server.Port}",
            }
        );

        using (var trusting = new MailKit.Net.Smtp.SmtpClient())
        {
            trusting.ServerCertificateValidationCallback = (_, _, _, _) => true;
            await trusting.ConnectAsync(
                "127.0.0.1",
                server.Port,
                SecureSocketOptions.SslOnConnect,
                TestContext.Current.CancellationToken
            );
            Assert.True(trusting.IsSecure);
        }

        await work.BeginAsync("tell");
        await work.SendAsync();

        Assert.Equal("asked", await OutboundAsync(work, "status"));
        Assert.Equal("1", await OutboundAsync(work, "attempts::text"));
        Assert.Empty(server.Taken);
    }

    [Fact]
    public async Task A_message_that_nobody_takes_in_its_time_leaves_by_that_port()
    {
        await using var there = await ReferenceConnector.StartAsync();
        await using var work = await StartAsync(to: false);
        await work.Office.ConnectorAsync(new("channel", "chat", there.Url, true));
        there.AnswerWith(503);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());

        await work.BeginAsync("tell");
        clock.Advance(TimeSpan.FromSeconds(5));
        await work.SendAsync(clock);
        Assert.Equal("asked", await OutboundAsync(work, "status"));
        clock.Advance(TimeSpan.FromHours(2));
        await work.SendAsync(clock);

        Assert.Equal("timed_out", await OutboundAsync(work, "status"));
        Assert.Equal(
            "TimedOut",
            await work.Office.Database.AskAsSuperuserAsync<string>(
                $"SELECT outcome FROM workflow.workflow_bookmarks WHERE instance_id = '{work.Instance}'"
            )
        );
        Assert.Empty(there.Done);
    }

    [Theory]
    [InlineData("webhook")]
    [InlineData("chat")]
    public async Task A_webhook_gets_a_signed_cloud_event_and_a_chat_its_text(string kind)
    {
        await using var there = await ReferenceConnector.StartAsync();
        await using var work = await StartAsync(to: false);
        there.Secret = (
            await work.Office.ConnectorAsync(new("channel", kind, there.Url, true))
        ).Secret;

        await work.BeginAsync("tell");
        await work.SendAsync();
        await work.RunAsync();

        Assert.Equal("tell sent", Told(await work.PathAsync()));
        var said = Assert.Single(there.Done);
        if (kind == "chat")
        {
            Assert.StartsWith(
                "root was let in\nLook at 192.0.2.9",
                said.GetProperty("text").GetString(),
                StringComparison.Ordinal
            );
            return;
        }
        Assert.Equal("1.0", said.GetProperty("specversion").GetString());
        Assert.Equal(work.CaseId, said.GetProperty("subject").GetGuid());
        Assert.Equal(Assert.Single(there.Seen.Keys), said.GetProperty("id").GetGuid());
        Assert.Equal(
            "192.0.2.9",
            said.GetProperty("data").GetProperty("data").GetProperty("ip").GetString()
        );
    }

    [Fact]
    public async Task Addresses_inside_are_spoken_to_only_where_that_is_allowed()
    {
        await using var server = new MailServer();
        await using var work = await StartAsync();
        await work.Office.ConnectorAsync(Mail(server) with { AllowPrivate = false });

        await work.BeginAsync("tell");
        await work.SendAsync();
        await work.RunAsync();

        Assert.Equal("tell failed", Told(await work.PathAsync()));
        Assert.Contains("public internet", await OutboundAsync(work, "outcome"));
        Assert.Empty(server.Taken);
    }

    [Theory]
    [InlineData("smtp://mail.example", null, "connector.sender")]
    [InlineData("smtp://mail.example", "nobody", "connector.sender")]
    [InlineData("smtp://mail.example", "Zoë <zoe@example.org>", "connector.sender")]
    [InlineData("https://mail.example", "a@example.org", "connector.url")]
    [InlineData("smtp://me:secret@mail.example", "a@example.org", "connector.url")]
    public async Task A_mail_connector_without_sense_is_refused(
        string url,
        string? sender,
        string rule
    )
    {
        await using var office = await Office.OpenAsync();

        var refused = await Register(office)
            .RunAsync(
                office.Administrator,
                new NewConnector("channel", "mail", url, false, sender),
                default
            );

        Assert.Equal(rule, Office.Refused(refused).Rule);
    }

    [Fact]
    public async Task What_acts_is_asked_for_a_task_and_a_message_for_none_whoever_writes()
    {
        await using var work = await StartAsync();
        var room = (await work.Office.ConnectorAsync(Room)).Id.ToString();
        var edr = (
            await work.Office.ConnectorAsync(
                new NewConnector("edr_one", "edr", "https://edr.example", false)
            )
        ).Id;
        var task = (await work.Office.StoryAsync(work.CaseId)).Tasks[0].Id;

        foreach (var (connector, of) in new[] { (room, $"'{task}'"), ($"{edr}", "NULL") })
        {
            var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() =>
                InsertAsync(work, connector, of)
            );
            Assert.Contains("a message is sent for none", refused.MessageText);
        }
        await InsertAsync(work, room, "NULL");
        Assert.Equal("asked", await OutboundAsync(work, "status"));
        Assert.Equal(
            0L,
            await work.Office.Database.AskAsSuperuserAsync<long>(
                $"SELECT count(*) FROM psa.case_work WHERE identity = '{work.Office.Analyst.Id}'"
            )
        );
    }

    static async Task InsertAsync(CaseAtWork work, string connector, string task)
    {
        await using var by = await Sentinel.Postgres.Access.PresentedTransaction.BeginAsync(
            work.Office.Database.Sentinel.Psa,
            work.Office.Analyst.Token,
            default
        );
        await using var command = by.Command(
            $"""
            INSERT INTO psa.outbound_actions (id, organisation_id, case_id, task_id, connector_id, action,
                arguments, asked_by, asked_at, deadline_at, next_attempt_at)
            VALUES (gen_random_uuid(), '{work.Office.OrganisationId}', '{work.CaseId}', {task}, '{connector}', 'notify',
                '{"{}"}', '{work.Office.Analyst.Id}', now(), now() + interval '1 hour', now())
            """
        );
        await command.ExecuteNonQueryAsync();
        await by.CommitAsync(default);
    }

    static NewConnector Mail(MailServer server) =>
        new("channel", "mail", $"smtp://127.0.0.1:{server.Port}", true, "sentinel@example.org");

    static RegisterConnector Register(Office office) =>
        new(office.Database.Sentinel, office.Machines, TimeProvider.System);

    static Task<string> OutboundAsync(CaseAtWork work, string column) =>
        work.Office.Database.AskAsSuperuserAsync<string>(
            $"SELECT {column} FROM psa.outbound_actions ORDER BY asked_at DESC, id DESC LIMIT 1"
        );

    static string Told(string path) =>
        string.Join(' ', path.Split(' ').Where(one => one is "tell" or "sent" or "failed"));

    static async Task<CaseAtWork> StartAsync(bool to = true)
    {
        var work = await CaseAtWork.StartAsync(
            JsonNode.Parse(Flow.Of("before", Flow.Event("wait", "never")))!
        );
        var addresses = to
            ? """
                "to":{"typeName":"String[]","expression":{"type":"Json","value":"[\"night@example.org\",\"owner@example.org\"]"}},
                """
            : "";
        await work.ShipAsync(
            JsonNode.Parse(
                $$$"""
                {"definitionId":"tell","name":"tell","root":{"id":"flow","type":"Elsa.Flowchart",
                 "activities":[
                   {"id":"tell","type":"Sentinel.Notify",{{{addresses}}}
                    "channel":{"typeName":"String","expression":{"type":"Literal","value":"channel"}},
                    "subject":{"typeName":"String","expression":{"type":"JavaScript","value":"getInput('Summary')"}},
                    "text":{"typeName":"String","expression":{"type":"JavaScript","value":"'Look at ' + getInput('SourceIp') + ', Zoë.'"}},
                    "data":{"typeName":"Object","expression":{"type":"JavaScript","value":"({ip: getInput('SourceIp')})"}} },
                   {"id":"sent","type":"Elsa.End"},{"id":"failed","type":"Elsa.End"}],
                 "connections":[
                   {"source":{"activity":"tell","port":"Sent"},"target":{"activity":"sent","port":"In"}},
                   {"source":{"activity":"tell","port":"Failed"},"target":{"activity":"failed","port":"In"}},
                   {"source":{"activity":"tell","port":"TimedOut"},"target":{"activity":"failed","port":"In"}}]} }
                """
            )!
        );
        return work;
    }
}
