using Microsoft.Extensions.Logging;
using Npgsql;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Outbound;

/// <summary>
/// Sends what was asked of connectors and was not sent yet, and ends what had its time, for every
/// organisation. The attempt is written before the request goes out, so a process that dies in between sends
/// it again under the same key, and never sooner than the next attempt is due.
/// </summary>
public sealed class SendOutbound(
    SentinelDatabase database,
    MachineSecrets machines,
    ConnectorClient client,
    TimeProvider clock,
    ILogger<SendOutbound> log
)
{
    public const string Channel = "sentinel_outbound";
    const int ActionsMax = 100;
    const int AtOnceMax = 8;

    static readonly TimeSpan firstWait = TimeSpan.FromSeconds(30);
    static readonly TimeSpan longestWait = TimeSpan.FromHours(1);

    /// <returns>How many were moved on.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var moved = 0;
        // A connector that is slow to answer keeps few others waiting.
        await Parallel.ForEachAsync(
            await DueAsync(cancellation),
            new ParallelOptions
            {
                MaxDegreeOfParallelism = AtOnceMax,
                CancellationToken = cancellation,
            },
            async (due, stop) =>
            {
                if (await TryMoveAsync(due.Organisation, due.Id, stop))
                    Interlocked.Increment(ref moved);
            }
        );
        return moved;
    }

    async Task<bool> TryMoveAsync(Guid organisationId, Guid id, CancellationToken cancellation)
    {
        try
        {
            return await MoveAsync(organisationId, id, cancellation);
        }
        catch (Exception failed) when (failed is NpgsqlException or CredentialRefusedException)
        {
            // One that cannot be moved keeps no other waiting; its row is due again next time.
            log.OutboundStuck(id, failed.Message);
            return false;
        }
    }

    async Task<bool> MoveAsync(Guid organisationId, Guid id, CancellationToken cancellation)
    {
        var secret = machines.For(organisationId, "workflow");
        var (action, connector) = await BeginAsync(secret, id, cancellation);
        if (action is null || connector is null)
            return action is not null;
        var attempt =
            connector.Kind == Connector.Mail
                ? await MailClient.SendAsync(
                    connector,
                    machines.Given(organisationId, connector.Name),
                    action,
                    cancellation
                )
                : await client.PostAsync(
                    connector,
                    ConnectorSignature.SecretOf(machines, organisationId, connector.Name),
                    action.Id,
                    OutboundBody.Of(organisationId, connector, action),
                    clock.GetUtcNow(),
                    cancellation
                );
        await EndAsync(secret, connector, action, attempt, cancellation);
        return true;
    }

    /// <summary>Writes the attempt down; without a connector where nothing is to be sent.</summary>
    async Task<(OutboundAction?, Connector?)> BeginAsync(
        Secret secret,
        Guid id,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        var now = clock.GetUtcNow();
        if (
            await OutboundStore.LockAsync(work, id, cancellation) is not { EndedAt: null } action
            || action.NextAttemptAt > now
        )
            return (null, null);
        Connector? connector = null;
        if (action.DeadlineAt <= now)
            action = await OutboundEnds.EndAsync(
                work,
                action,
                OutboundState.TimedOut,
                $"it did not answer in time, after {action.Attempts} attempts",
                null,
                now,
                cancellation
            );
        else
        {
            connector = await OutboundStore.ConnectorAsync(work, action.ConnectorId, cancellation);
            action = action with
            {
                Attempts = action.Attempts + 1,
                NextAttemptAt = Earlier(now + WaitAfter(action.Attempts), action.DeadlineAt),
            };
            await OutboundStore.UpdateAsync(work, action, cancellation);
        }
        await work.CommitAsync(cancellation);
        return (action, connector);
    }

    async Task EndAsync(
        Secret secret,
        Connector connector,
        OutboundAction sent,
        Attempt attempt,
        CancellationToken cancellation
    )
    {
        if (attempt is AttemptDelayed later)
        {
            log.OutboundLater(sent.Id, sent.Attempts, later.Reason);
            return;
        }
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        var now = clock.GetUtcNow();
        // It may have answered already, before we were told that it took the request.
        if (
            await OutboundStore.LockAsync(work, sent.Id, cancellation)
            is not { Status: OutboundState.Asked } action
        )
            return;
        // A message is over once it was taken; whoever acts says later how it went.
        if (attempt is AttemptRefused || connector.TakesMessages)
            await OutboundEnds.EndAsync(
                work,
                action,
                attempt is AttemptRefused ? OutboundState.Failed : OutboundState.Succeeded,
                attempt is AttemptRefused never ? never.Reason : $"{connector.Name} took it",
                null,
                now,
                cancellation
            );
        else
        {
            action = action with
            {
                Status = OutboundState.Sent,
                SentAt = now,
                NextAttemptAt = action.DeadlineAt,
            };
            await OutboundStore.UpdateAsync(work, action, cancellation);
            await OutboundSignal.SendAsync(work, connector, action, now, cancellation);
        }
        await work.CommitAsync(cancellation);
    }

    static TimeSpan WaitAfter(int attempts) =>
        attempts >= 7 ? longestWait : firstWait * (1 << attempts);

    static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) =>
        one < other ? one : other;

    async Task<IReadOnlyList<(Guid Organisation, Guid Id)>> DueAsync(CancellationToken cancellation)
    {
        // What belongs to a case that is closed meanwhile stays as it was when it closed.
        const string sql = """
            SELECT a.organisation_id, a.id
            FROM psa.outbound_actions a
            JOIN psa.organisations o ON o.id = a.organisation_id
            JOIN psa.cases c ON c.organisation_id = a.organisation_id AND c.id = a.case_id
            WHERE a.ended_at IS NULL AND a.next_attempt_at <= $1 AND o.status = 'active'
              AND c.status <> 'closed'
            ORDER BY a.next_attempt_at LIMIT $2
            """;
        await using var connection = await database.Jobs.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection).With(
            clock.GetUtcNow(),
            ActionsMax
        );
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<(Guid, Guid)> due = [];
        while (await reader.ReadAsync(cancellation))
            due.Add((reader.GetGuid(0), reader.GetGuid(1)));
        return due;
    }
}
