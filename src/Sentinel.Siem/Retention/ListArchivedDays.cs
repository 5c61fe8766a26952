using System.Security.Cryptography;
using System.Text.Json;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Retention;

public abstract record ArchivedDaysOutcome
{
    /// <param name="Problems">Files that are gone, or not what the catalogue says.</param>
    public sealed record DaysListed(IReadOnlyList<ArchivedDay> Days, IReadOnlyList<string> Problems)
        : ArchivedDaysOutcome;

    public sealed record Refused(string Reason) : ArchivedDaysOutcome;
}

/// <summary>The catalogue of archived days; on request every exported file is hashed again.</summary>
public sealed class ListArchivedDays(SentinelDatabase database, DataDirectory data)
{
    public async Task<ArchivedDaysOutcome> RunAsync(
        Secret secret,
        bool check,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Siem,
            secret,
            cancellation
        );
        if (await PermissionStore.RefusalAsync(work, "event.search", cancellation) is { } refusal)
            return new ArchivedDaysOutcome.Refused(refusal);
        var days = await ArchivedDayStore.ListAsync(work, cancellation);
        List<string> problems = [];
        foreach (var day in days.Where(_ => check))
            problems.AddRange(await CheckAsync(day, cancellation));
        return new ArchivedDaysOutcome.DaysListed(days, problems);
    }

    async Task<IReadOnlyList<string>> CheckAsync(ArchivedDay day, CancellationToken cancellation)
    {
        var (place, name) = ArchivePlace.Find(day.Uri, data);
        await using var stored = await place.Objects.OpenAsync(name, cancellation);
        if (stored is null)
            return [$"{day.Uri} is gone"];
        using var copy = new MemoryStream();
        await stored.CopyToAsync(copy, cancellation);
        if (Convert.ToHexStringLower(SHA256.HashData(copy.ToArray())) != day.Sha256)
            return [$"{day.Uri} is not the manifest that was catalogued"];
        List<string> problems = [];
        var folder = name[..(name.LastIndexOf('/') + 1)];
        foreach (var file in JsonSerializer.Deserialize<DayManifest>(copy.ToArray())!.Files)
        {
            await using var content = await place.Objects.OpenAsync(
                folder + file.File,
                cancellation
            );
            if (content is null)
                problems.Add($"{place.UriOf(folder + file.File)} is gone");
            else if (
                Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellation))
                != file.Sha256
            )
                problems.Add($"{place.UriOf(folder + file.File)} was changed");
        }
        return problems;
    }
}
