using Npgsql;
using Sentinel.Policies.Model;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Rules;

namespace Sentinel.Siem.Retention;

/// <summary>What a run did with a day that is online.</summary>
/// <param name="RawEvents">How many moved to the archive; null where the day stays.</param>
/// <param name="Why">Why it stays; null where it moved.</param>
public sealed record RetainedDay(DateOnly Day, long? RawEvents, string? Why);

/// <summary>
/// Archives days whose time is over by the <c>retention</c> declarations of every organisation on them:
/// exports each organisation's part, catalogues it, and moves the day. A legal hold wins; a source that
/// no retention covers keeps its days for good. Nothing is deleted.
/// </summary>
public sealed class RunRetention(
    SentinelDatabase database,
    DataDirectory data,
    MachineSecrets machines,
    PolicySets policies,
    TimeProvider clock
)
{
    const int DaysMax = 400;

    /// <exception cref="OperationFailedException">An archive cannot be written.</exception>
    public async Task<IReadOnlyList<RetainedDay>> RunAsync(CancellationToken cancellation)
    {
        var organisations = await OrganisationsAsync(cancellation);
        List<RetainedDay> outcomes = [];
        foreach (
            var day in (await ArchivedDayStore.OnlineAsync(database.Jobs, cancellation)).Take(
                DaysMax
            )
        )
            outcomes.Add(await RunAsync(day, organisations, cancellation));
        return outcomes;
    }

    async Task<RetainedDay> RunAsync(
        DateOnly day,
        IReadOnlyList<Guid> organisations,
        CancellationToken cancellation
    )
    {
        // Nobody's part is exported before everybody's time is over: only whole days move.
        foreach (var export in (bool[])[false, true])
        foreach (var organisationId in organisations)
            if (await PartAsync(day, organisationId, export, cancellation) is { } why)
                return new RetainedDay(day, null, why);
        try
        {
            await using var command = database.Jobs.CreateCommand("SELECT siem.archive_day($1)");
            command.CommandTimeout = 0;
            command.Parameters.AddWithValue(day);
            var moved = (long)(await command.ExecuteScalarAsync(cancellation))!;
            return new RetainedDay(day, moved, null);
        }
        catch (PostgresException refused)
            when (refused.SqlState
                    is PostgresErrorCodes.InsufficientPrivilege
                        or PostgresErrorCodes.DuplicateObject
                        or PostgresErrorCodes.LockNotAvailable
                        or PostgresErrorCodes.DeadlockDetected
            )
        {
            return new RetainedDay(day, null, refused.MessageText);
        }
    }

    // Null where this organisation's part of the day may go, or has been exported.
    async Task<string?> PartAsync(
        DateOnly day,
        Guid organisationId,
        bool export,
        CancellationToken cancellation
    )
    {
        try
        {
            await using var work = await PresentedTransaction.BeginAsync(
                database.Siem,
                machines.For(organisationId, "siem"),
                cancellation
            );
            var declarations = await ArchivedDayStore.DeclarationsAsync(work, day, cancellation);
            if (declarations.Count == 0)
                return null;
            if (await ArchivedDayStore.IsHeldAsync(work, day, cancellation))
                return $"a legal hold of organisation {organisationId} covers it";
            var set = await policies.ActiveAsync(work, cancellation);
            var due = Due.Of(set.Policy.Retentions, declarations);
            var over = new DateTimeOffset(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);
            if (due is not Due.AgeReached(var retention, var age))
                return $"no retention of organisation {organisationId} covers "
                    + ((Due.KeptForGood)due).Declaration;
            if (over + age > clock.GetUtcNow())
                return $"its time is over on {over + age:yyyy-MM-dd} by retention {retention.Name}";
            if (export)
                await ExportAsync(work, day, retention, cancellation);
            return null;
        }
        catch (CredentialRefusedException)
        {
            return $"organisation {organisationId} is suspended and keeps everything";
        }
    }

    async Task ExportAsync(
        PresentedTransaction work,
        DateOnly day,
        RetentionDeclaration retention,
        CancellationToken cancellation
    )
    {
        var before = await ArchivedDayStore.ListAsync(work, cancellation);
        if (before.Any(one => one.Day == day))
            return;
        var named = $"{retention.Name} sha256:{retention.Text.Sha256}";
        var place = ArchivePlace.Of(retention.Archive, data);
        var (uri, sha256, rows) = await new ExportDay(data).RunAsync(
            work,
            day,
            named,
            place,
            cancellation
        );
        await ArchivedDayStore.InsertAsync(
            work,
            new ArchivedDay(day, uri, sha256, rows, named, clock.GetUtcNow()),
            cancellation
        );
        await work.CommitAsync(cancellation);
    }

    async Task<IReadOnlyList<Guid>> OrganisationsAsync(CancellationToken cancellation)
    {
        const string sql = "SELECT DISTINCT organisation_id FROM siem.sources ORDER BY 1";
        await using var command = database.Jobs.CreateCommand(sql);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<Guid> organisations = [];
        while (await reader.ReadAsync(cancellation))
            organisations.Add(reader.GetGuid(0));
        return organisations;
    }
}
