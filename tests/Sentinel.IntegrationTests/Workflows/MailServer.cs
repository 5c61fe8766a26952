using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MimeKit;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.ComponentModel;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>A mail server that keeps what it takes, and refuses what it is told to.</summary>
sealed class MailServer : IAsyncDisposable
{
    readonly CancellationTokenSource stop = new();
    readonly Task running;

    /// <param name="login">Name and password without which it takes nothing; null: it asks nobody.</param>
    /// <param name="certificate">It speaks TLS from the first byte.</param>
    public MailServer(
        (string Name, string Password)? login = null,
        X509Certificate2? certificate = null
    )
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Port = ((IPEndPoint)free.LocalEndpoint).Port;
        }
        var services = new ServiceProvider();
        services.Add(new Store(this));
        services.Add(
            new DelegatingUserAuthenticator((name, password) => (name, password) == login)
        );
        running = new SmtpServer.SmtpServer(
            new SmtpServerOptionsBuilder()
                .ServerName("localhost")
                .Endpoint(e =>
                {
                    e.Endpoint(new IPEndPoint(IPAddress.Loopback, Port))
                        .AuthenticationRequired(login is not null)
                        .AllowUnsecureAuthentication();
                    if (certificate is not null)
                        e.Certificate(certificate).IsSecure(true);
                })
                .Build(),
            services
        ).StartAsync(stop.Token);
    }

    public int Port { get; }

    public ConcurrentQueue<MimeMessage> Taken { get; } = [];

    /// <summary>Replies to the next messages, instead of taking them.</summary>
    public Queue<SmtpReplyCode> Replies { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    sealed class Store(MailServer server) : MessageStore
    {
        public override async Task<SmtpResponse> SaveAsync(
            ISessionContext context,
            IMessageTransaction transaction,
            ReadOnlySequence<byte> buffer,
            CancellationToken cancellationToken
        )
        {
            if (server.Replies.TryDequeue(out var reply))
                return new SmtpResponse(reply, "not now");
            using var content = new MemoryStream(buffer.ToArray());
            server.Taken.Enqueue(await MimeMessage.LoadAsync(content, cancellationToken));
            return SmtpResponse.Ok;
        }
    }
}
