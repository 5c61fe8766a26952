using Sentinel.Contract;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Siem.Evidence;

/// <summary>Packages as files named by their hash, and as rows.</summary>
static class PackageStore
{
    public static async Task<SealedPackage> AddAsync(
        PresentedTransaction work,
        SealedPackage package,
        Guid findingId,
        long sizeBytes,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            WITH made AS (
                INSERT INTO siem.evidence_packages (organisation_id, id, finding_id, package_uri, hash,
                    size_bytes, created_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                ON CONFLICT (organisation_id, finding_id, hash) DO NOTHING
                RETURNING id, package_uri
            )
            SELECT id, package_uri FROM made
            UNION ALL
            SELECT id, package_uri FROM siem.evidence_packages
            WHERE organisation_id = $1 AND finding_id = $3 AND hash = $5
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(package.Id);
        command.Parameters.AddWithValue(findingId);
        command.Parameters.AddWithValue(package.Uri.ToString());
        command.Parameters.AddWithValue(package.Sha256);
        command.Parameters.AddWithValue(sizeBytes);
        command.Parameters.AddWithValue(now);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new SealedPackage(reader.GetGuid(0), new Uri(reader.GetString(1)), package.Sha256);
    }

    /// <summary>The packages of a finding, earliest first.</summary>
    public static async Task<IReadOnlyList<SealedPackage>> OfFindingAsync(
        PresentedTransaction work,
        Guid findingId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, package_uri, hash FROM siem.evidence_packages
            WHERE organisation_id = $1 AND finding_id = $2 ORDER BY created_at, id
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(findingId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var packages = new List<SealedPackage>();
        while (await reader.ReadAsync(cancellation))
            packages.Add(
                new SealedPackage(
                    reader.GetGuid(0),
                    new Uri(reader.GetString(1)),
                    reader.GetString(2)
                )
            );
        return packages;
    }

    /// <summary>The whole file or none: written beside, flushed to the disk, and renamed.</summary>
    public static Uri WriteFile(DataDirectory data, string sha256, byte[] package)
    {
        var file = Path.Combine(data.Packages, sha256 + ".zip");
        if (File.Exists(file) && new FileInfo(file).Length == package.Length)
            return new Uri(file);
        var beside = $"{file}.{Environment.ProcessId}.part";
        try
        {
            using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write))
            {
                stream.Write(package);
                stream.Flush(flushToDisk: true);
            }
            File.Move(beside, file, overwrite: true);
            return new Uri(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Remove(beside);
            throw new OperationFailedException(
                $"The evidence package could not be written to {data.Packages}: "
                    + $"{failure.Message.TrimEnd('.')}; free some space and escalate again.",
                failure
            );
        }
    }

    static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The part stays; it has another name than any package, and the first failure says more.
        }
    }
}
