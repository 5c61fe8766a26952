using System.Net;
using System.Net.Http.Headers;
using Sentinel.Postgres.Access;

namespace Sentinel.Psa.Outbound;

/// <summary>How one attempt went.</summary>
abstract record Attempt;

sealed record AttemptTaken : Attempt;

/// <param name="Reason">A sentence; trying again may help.</param>
sealed record AttemptDelayed(string Reason) : Attempt;

/// <param name="Reason">A sentence; trying again does not help.</param>
sealed record AttemptRefused(string Reason) : Attempt;

/// <summary>
/// Posts signed requests. A redirect is never followed, and an address that is not of the public internet is
/// not connected to unless its connector allows that: it is the address connected to that is looked at, so a
/// name cannot change its meaning in between.
/// </summary>
public sealed class ConnectorClient : IDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly HttpClient open = Client(allowPrivate: false);
    readonly HttpClient within = Client(allowPrivate: true);

    internal async Task<Attempt> PostAsync(
        Connector connector,
        Secret secret,
        Guid key,
        OutboundBody sent,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, connector.Url)
        {
            Content = new ByteArrayContent(sent.Bytes),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(sent.Type);
        request.Headers.Add("Idempotency-Key", key.ToString());
        request.Headers.Add(ConnectorSignature.TimeHeader, ConnectorSignature.Seconds(now));
        request.Headers.Add(
            ConnectorSignature.SignatureHeader,
            ConnectorSignature.Sign(secret, now, sent.Bytes)
        );
        try
        {
            var client = connector.AllowPrivate ? within : open;
            using var answer = await client.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                cancellation
            );
            return Judge(answer.StatusCode);
        }
        catch (HttpRequestException refused)
            when (refused.InnerException is PrivateAddressException no)
        {
            return new AttemptRefused(no.Message);
        }
        catch (HttpRequestException failed)
        {
            return new AttemptDelayed($"it could not be reached: {failed.Message}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new AttemptDelayed($"it did not answer within {Patience.TotalSeconds} s");
        }
    }

    static Attempt Judge(HttpStatusCode status) =>
        (int)status switch
        {
            >= 200 and < 300 => new AttemptTaken(),
            >= 300 and < 400 => new AttemptRefused(
                $"it answered with a redirect ({(int)status}), which is not followed: register where it leads to"
            ),
            408 or 425 or 429 or >= 500 => new AttemptDelayed($"it answered {(int)status}"),
            _ => new AttemptRefused($"it refused the request: {(int)status}"),
        };

    static HttpClient Client(bool allowPrivate) =>
        new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                UseCookies = false,
                PooledConnectionLifetime = TimeSpan.FromMinutes(1),
                ConnectCallback = (context, cancellation) =>
                    PublicAddress.ConnectAsync(context.DnsEndPoint, allowPrivate, cancellation),
            }
        )
        {
            Timeout = Patience,
        };

    public void Dispose()
    {
        open.Dispose();
        within.Dispose();
    }
}
