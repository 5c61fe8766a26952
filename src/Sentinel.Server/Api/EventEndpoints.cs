using Microsoft.AspNetCore.Mvc;
using Sentinel.Siem;
using Sentinel.Siem.Failures;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Search;

namespace Sentinel.Server.Api;

/// <summary>
/// Records in: lines of text, NDJSON, a JSON array or concatenated JSON values, whatever the content
/// type says. The same key for the same request makes sending it again safe.
/// </summary>
static class EventEndpoints
{
    public static void MapEvents(this IEndpointRouteBuilder app)
    {
        app.MapPost(
            "/events",
            async (
                string source,
                [FromHeader(Name = "Idempotency-Key")] string key,
                PresentedCredential by,
                Stream body,
                IngestRecords ingest,
                CancellationToken cancellation
            ) =>
                (
                    await ingest.RunAsync(
                        by.Secret,
                        source,
                        key,
                        await RecordsAsync(body, cancellation),
                        cancellation
                    )
                ).ToHttp()
        );
        app.MapGet(
            "/search",
            async (
                string? query,
                DateTimeOffset? from,
                DateTimeOffset? to,
                int? limit,
                PresentedCredential by,
                SearchEvents search,
                CancellationToken cancellation
            ) =>
                (
                    await search.RunAsync(
                        by.Secret,
                        query ?? "",
                        from,
                        to,
                        limit ?? FindingEndpoints.PageMax,
                        cancellation
                    )
                ).ToHttp()
        );
        app.MapGet(
            "/failures",
            async (
                int? limit,
                PresentedCredential by,
                ListFailures list,
                CancellationToken cancellation
            ) =>
                (
                    await list.RunAsync(by.Secret, limit ?? FindingEndpoints.PageMax, cancellation)
                ).ToHttp()
        );
    }

    static async Task<IReadOnlyList<ReadOnlyMemory<byte>>> RecordsAsync(
        Stream body,
        CancellationToken cancellation
    )
    {
        // The reader is synchronous, and a request is small: its size has a limit.
        using var copy = new MemoryStream();
        await body.CopyToAsync(copy, cancellation);
        copy.Position = 0;
        var reader = new RecordReader(copy);
        List<ReadOnlyMemory<byte>> records = [];
        while (reader.Read(IngestBatch.RecordsMax) is { Count: > 0 } read)
            records.AddRange(read.Select(record => record.Bytes));
        return records;
    }

    static IResult ToHttp(this SearchOutcome outcome) =>
        outcome switch
        {
            SearchOutcome.EventsFound listed => Results.Ok(
                new
                {
                    Events = listed.Events.Select(FoundEventShape.Of),
                    listed.Scanned,
                    listed.More,
                }
            ),
            SearchOutcome.Unclear { Diagnostics: var wrong } => Results.Problem(
                wrong[0].Message,
                statusCode: 400,
                extensions: new Dictionary<string, object?> { ["diagnostics"] = wrong }
            ),
            SearchOutcome.Refused refused => HttpAnswers.Refused("event.search", refused.Reason),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    static IResult ToHttp(this ListFailuresOutcome outcome) =>
        outcome switch
        {
            ListFailuresOutcome.Listed { Failures: var failures } => Results.Ok(failures),
            ListFailuresOutcome.Refused refused => HttpAnswers.Refused(
                "event.search",
                refused.Reason
            ),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    static IResult ToHttp(this IngestOutcome outcome) =>
        outcome switch
        {
            IngestOutcome.Ingested { Counts: var counts } => Results.Ok(counts),
            IngestOutcome.Refused refused => HttpAnswers.Refused("event.ingest", refused.Reason),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}
