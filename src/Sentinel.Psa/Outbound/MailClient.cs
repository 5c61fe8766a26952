using System.Net;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Sentinel.Psa.Outbound;

/// <summary>
/// Hands mail to a server (RFC 5321). Without TLS only where private addresses are allowed and the server
/// offers none; the Message-ID stays the same over all attempts.
/// </summary>
static class MailClient
{
    const int Submission = 587;
    const int SubmissionWithTls = 465;
    const int PermanentFailure = 500;

    /// <param name="login">Name and password, a line each; null where the server asks for none.</param>
    public static async Task<Attempt> SendAsync(
        Connector connector,
        string? login,
        OutboundAction asked,
        CancellationToken cancellation
    )
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(ConnectorClient.Patience);
        try
        {
            await SendAsync(connector, login, Message(connector, asked), patience.Token);
            return new AttemptTaken();
        }
        catch (PrivateAddressException no)
        {
            return new AttemptRefused(no.Message);
        }
        catch (SmtpCommandException refused) when ((int)refused.StatusCode >= PermanentFailure)
        {
            return new AttemptRefused(
                $"it refused the message: {(int)refused.StatusCode} {refused.Message}"
            );
        }
        catch (NotSupportedException)
        {
            return new AttemptRefused(
                "it offers no TLS: register it as smtps://, or with allow_private if it is inside"
            );
        }
        catch (AuthenticationException)
        {
            return new AttemptDelayed("it refused the name and password");
        }
        catch (Exception failed)
            when (failed
                    is SmtpCommandException
                        or ProtocolException
                        or IOException
                        or System.Net.Sockets.SocketException
                        or SslHandshakeException
                || failed is OperationCanceledException && !cancellation.IsCancellationRequested
            )
        {
            return new AttemptDelayed(
                failed is OperationCanceledException
                    ? $"it did not answer within {ConnectorClient.Patience.TotalSeconds} s"
                    : $"it could not be reached: {failed.Message}"
            );
        }
    }

    static async Task SendAsync(
        Connector connector,
        string? login,
        MimeMessage message,
        CancellationToken cancellation
    )
    {
        var hasTls = connector.Url.Scheme == "smtps";
        var port =
            connector.Url.Port > 0 ? connector.Url.Port
            : hasTls ? SubmissionWithTls
            : Submission;
        using var smtp = new SmtpClient();
        var stream = await PublicAddress.ConnectAsync(
            new DnsEndPoint(connector.Url.Host, port),
            connector.AllowPrivate,
            cancellation
        );
        await smtp.ConnectAsync(
            stream,
            connector.Url.Host,
            port,
            hasTls ? SecureSocketOptions.SslOnConnect
                : connector.AllowPrivate ? SecureSocketOptions.StartTlsWhenAvailable
                : SecureSocketOptions.StartTls,
            cancellation
        );
        if (login?.Split('\n', StringSplitOptions.TrimEntries) is [var name, var password, ..])
            await smtp.AuthenticateAsync(name, password, cancellation);
        await smtp.SendAsync(message, cancellation);
        await smtp.DisconnectAsync(quit: true, cancellation);
    }

    static MimeMessage Message(Connector connector, OutboundAction asked)
    {
        var text = new OutboundText(asked.Arguments);
        var sender = MailboxAddress.Parse(connector.Sender!);
        var message = new MimeMessage
        {
            MessageId = $"{asked.Id}@{sender.Domain}",
            Date = asked.AskedAt,
            Subject = text.Subject,
            Body = new TextPart("plain") { Text = text.Text },
        };
        message.From.Add(sender);
        message.To.AddRange(text.To.Select(MailboxAddress.Parse));
        // So that no answering machine answers it (RFC 3834).
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }
}
