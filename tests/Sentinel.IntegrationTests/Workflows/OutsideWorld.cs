using System.Text;
using Sentinel.IntegrationTests.Psa;
using Sentinel.Psa.Outbound;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>
/// Says of every request how it went, as soon as a server listens, and of some of them twice: whoever is not heard
/// says it again.
/// </summary>
sealed class OutsideWorld : IDisposable
{
    readonly Office office;
    readonly ReferenceConnector connector;
    readonly Random random;
    readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };
    readonly CancellationTokenSource over = new();

    public OutsideWorld(Office office, ReferenceConnector connector, Random random)
    {
        this.office = office;
        this.connector = connector;
        this.random = random;
        _ = AnswerAsync();
    }

    /// <summary>Where the server listens now.</summary>
    public string? Server { get; set; }

    /// <summary>How many were heard.</summary>
    public int Answered { get; private set; }

    async Task AnswerAsync()
    {
        Queue<Guid> open = [];
        var taken = 0;
        while (!over.IsCancellationRequested)
        {
            foreach (var request in connector.DoneFrom(taken))
            {
                open.Enqueue(request.GetProperty("id").GetGuid());
                taken++;
            }
            for (var few = Math.Min(open.Count, 20); few > 0; few--)
            {
                var id = open.Dequeue();
                if (!await IsHeardAsync(id) || random.Next(10) == 0)
                    open.Enqueue(id);
                else
                    Answered++;
            }
            await Task.Delay(random.Next(10, 100), CancellationToken.None);
        }
    }

    async Task<bool> IsHeardAsync(Guid id)
    {
        const string Body = """{"status": "succeeded", "detail": "done"}""";
        if (Server is not { } server)
            return false;
        var signed = connector.Outcome(Body, TimeProvider.System.GetUtcNow());
        using var request = new HttpRequestMessage(
            HttpMethod.Post,
            $"{server}/organisations/{office.OrganisationId}/outbound/{id}/outcome"
        );
        request.Content = new StringContent(Body, Encoding.UTF8, "application/json");
        request.Headers.Add(ConnectorSignature.TimeHeader, signed.Time);
        request.Headers.Add(ConnectorSignature.SignatureHeader, signed.Signature);
        try
        {
            using var answer = await http.SendAsync(request);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception unheard) when (unheard is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        over.Cancel();
        over.Dispose();
        http.Dispose();
    }
}
