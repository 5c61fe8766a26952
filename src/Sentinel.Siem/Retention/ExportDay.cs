using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Siem.Retention;

/// <summary>What an exported day consists of, by hash; the catalogue keeps the hash of this.</summary>
sealed record DayManifest(
    Guid OrganisationId,
    DateOnly Day,
    string Retention,
    IReadOnlyList<DayFile> Files
);

/// <param name="Sha256">Of the compressed file.</param>
sealed record DayFile(string Table, string File, long Rows, string Sha256);

/// <summary>
/// Writes everything that an organisation has of one day: a row a line as JSON, compressed, each file
/// under its hash, and a manifest over them.
/// </summary>
sealed class ExportDay(DataDirectory data)
{
    static readonly (string Table, string Id)[] tables =
    [
        ("raw_events", "id"),
        ("ingest_failures", "raw_event_id"),
        ("events", "id"),
        ("event_tags", "event_id"),
        ("event_enrichment", "event_id"),
    ];

    /// <returns>Where the manifest lies, its hash, and how many raw events there were.</returns>
    public async Task<(string Uri, string Sha256, long RawEvents)> RunAsync(
        PresentedTransaction work,
        DateOnly day,
        string retention,
        ArchivePlace place,
        CancellationToken cancellation
    )
    {
        var folder = Directory.CreateDirectory(
            Path.Combine(data.Path, $".export-{Guid.CreateVersion7():N}")
        );
        try
        {
            List<DayFile> files = [];
            foreach (var (table, id) in tables)
            {
                var path = Path.Combine(folder.FullName, table);
                var rows = await WriteAsync(work, table, id, day, path, cancellation);
                var sha256 = await HashAsync(path, cancellation);
                var file = $"{table}-{sha256[..16]}.jsonl.gz";
                var name = ArchivePlace.NameOf(work.Actor.OrganisationId, day, file);
                await place.Objects.PutAsync(name, path, cancellation);
                files.Add(new DayFile(table, file, rows, sha256));
            }
            var manifest = new DayManifest(work.Actor.OrganisationId, day, retention, files);
            var text = JsonSerializer.SerializeToUtf8Bytes(manifest);
            var hash = Convert.ToHexStringLower(SHA256.HashData(text));
            var written = Path.Combine(folder.FullName, "manifest");
            await File.WriteAllBytesAsync(written, text, cancellation);
            var called = ArchivePlace.NameOf(
                work.Actor.OrganisationId,
                day,
                $"manifest-{hash[..16]}.json"
            );
            await place.Objects.PutAsync(called, written, cancellation);
            return (place.UriOf(called), hash, files[0].Rows);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static async Task<long> WriteAsync(
        PresentedTransaction work,
        string table,
        string id,
        DateOnly day,
        string path,
        CancellationToken cancellation
    )
    {
        // The names are the constants above.
        var sql =
            $"SELECT to_jsonb(t)::text FROM siem.{table} t WHERE organisation_id = $1 "
            + $"AND key_time >= $2 AND key_time < $3 ORDER BY key_time, {id}, to_jsonb(t)::text";
        await using var command = work.Command(sql);
        command.CommandTimeout = 0;
        var start = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(start);
        command.Parameters.AddWithValue(start.AddDays(1));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await using var file = File.Create(path);
        await using var packed = new GZipStream(file, CompressionLevel.Optimal);
        await using var lines = new StreamWriter(packed, new UTF8Encoding(false));
        var rows = 0L;
        for (; await reader.ReadAsync(cancellation); rows++)
            await lines.WriteAsync(reader.GetString(0) + "\n");
        return rows;
    }

    static async Task<string> HashAsync(string path, CancellationToken cancellation)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
    }
}
