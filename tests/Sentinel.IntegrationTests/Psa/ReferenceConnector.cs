using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Outbound;

namespace Sentinel.IntegrationTests.Psa;

/// <summary>
/// A connector as somebody else would write it: checks the signature, honours the idempotency key, acts once
/// and calls back signed. What it does with a request is the test's to say.
/// </summary>
sealed class ReferenceConnector : IAsyncDisposable
{
    readonly WebApplication app;
    readonly Queue<int> answers = new();

    ReferenceConnector(WebApplication app) => this.app = app;

    public Secret Secret { get; set; } = new("");

    /// <summary>Requests that were let in, by their idempotency key, with how often each came.</summary>
    public Dictionary<Guid, int> Seen { get; } = [];

    /// <summary>What it did: once for each key.</summary>
    public List<JsonElement> Done { get; } = [];

    /// <summary>Those from there on, while more may come in.</summary>
    public IReadOnlyList<JsonElement> DoneFrom(int place)
    {
        lock (Seen)
            return Done[place..];
    }

    public string Url => app.Urls.First() + "/act";

    public static async Task<ReferenceConnector> StartAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var connector = new ReferenceConnector(app);
        app.MapPost("/act", connector.ActAsync);
        await app.StartAsync();
        return connector;
    }

    /// <summary>Status codes for the next requests, instead of taking them.</summary>
    public void AnswerWith(params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
            answers.Enqueue(status);
    }

    /// <summary>What it sends back, signed with its secret or with another.</summary>
    public SignedOutcome Outcome(string body, DateTimeOffset at, Secret? with = null)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        return new SignedOutcome(
            ConnectorSignature.Seconds(at),
            ConnectorSignature.Sign(with ?? Secret, at, bytes),
            bytes
        );
    }

    async Task ActAsync(HttpContext context)
    {
        if (answers.TryDequeue(out var status))
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/elsewhere";
            return;
        }
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers;
        if (
            !ConnectorSignature.Holds(
                Secret,
                headers[ConnectorSignature.TimeHeader].ToString(),
                headers[ConnectorSignature.SignatureHeader].ToString(),
                body.ToArray(),
                TimeProvider.System.GetUtcNow()
            )
        )
        {
            context.Response.StatusCode = (int)HttpStatusCode.Unauthorized;
            return;
        }
        var key = Guid.Parse(headers["Idempotency-Key"].ToString());
        lock (Seen)
        {
            Seen[key] = Seen.GetValueOrDefault(key) + 1;
            if (Seen[key] == 1)
                Done.Add(JsonDocument.Parse(body.ToArray()).RootElement);
        }
        context.Response.StatusCode = (int)HttpStatusCode.Accepted;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
