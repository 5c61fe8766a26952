using Microsoft.Extensions.Logging;
using Npgsql;
using Sentinel.Contract;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Findings;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Escalation;

/// <summary>The crash points between the outbox and the receipt.</summary>
public static class Dock
{
    internal const string Claimed = "dock.claimed";
    internal const string Received = "dock.received";
    internal const string ReceiptStored = "dock.receipt_stored";
    internal const string Delivered = "dock.delivered";

    public static IReadOnlyList<string> Stations { get; } =
    [Claimed, Received, ReceiptStored, Delivered];
}

/// <summary>
/// Carries escalations across the dock, as often as it takes: the receiver is idempotent, and the receipt is
/// stored once. Rows are the truth; this may run anywhere, any number of times.
/// </summary>
public sealed class DeliverEscalations(
    SentinelDatabase database,
    MachineSecrets machines,
    ICaseIntake intake,
    TimeProvider clock,
    ILogger<DeliverEscalations> log
)
{
    const int EscalationsMax = 100;
    const int DeliveryDelaySecondsMax = 900;
    const int ErrorCharsMax = 1000;
    const int SweepSeconds = 30;

    /// <summary>Delivers what is due, until nothing is.</summary>
    /// <param name="retryNow">Also what failed or was cut off before, without waiting for its turn.</param>
    public async Task<DeliveryOutcome> RunAsync(
        CancellationToken cancellation,
        bool retryNow = false
    )
    {
        var outcome = new DeliveryOutcome(0, 0, null);
        var tried = new HashSet<Guid>();
        while (true)
        {
            var due = await DueAsync(retryNow, cancellation);
            if (!due.Any(one => tried.Add(one.EscalationId)))
                return outcome;
            foreach (var one in due)
                outcome = await DeliverAsync(one, outcome, cancellation);
        }
    }

    /// <summary>Delivers for ever: woken by NOTIFY, sweeping now and then for what was missed.</summary>
    public async Task RunForeverAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            await using var connection = await database.Jobs.OpenConnectionAsync(cancellation);
            await using (var listen = new NpgsqlCommand("LISTEN siem_outbox", connection))
                await listen.ExecuteNonQueryAsync(cancellation);
            while (connection.State == System.Data.ConnectionState.Open)
            {
                await RunAsync(cancellation);
                await connection.WaitAsync(TimeSpan.FromSeconds(SweepSeconds), cancellation);
            }
        }
    }

    async Task<DeliveryOutcome> DeliverAsync(
        DueEscalation due,
        DeliveryOutcome outcome,
        CancellationToken cancellation
    )
    {
        try
        {
            return await CarryAsync(due, cancellation)
                ? outcome with
                {
                    Delivered = outcome.Delivered + 1,
                }
                : outcome;
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            // Whatever it was, the row stays, says so, and is tried again: nothing else may stop.
            log.EscalationFailed(failure, due.EscalationId, due.Attempts);
            await NoteFailureAsync(due, failure.Message, cancellation);
            return outcome with { Failed = outcome.Failed + 1, LastError = failure.Message };
        }
    }

    async Task<bool> CarryAsync(DueEscalation due, CancellationToken cancellation)
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Siem,
            machines.For(due.OrganisationId, "siem"),
            cancellation
        );
        if (
            await OutboxStore.ClaimAsync(work, due.EscalationId, cancellation)
            is not var (escalation, kind)
        )
            return false;
        using var story = log.BeginScope("{CorrelationId}", escalation.CorrelationId);
        CrashPoint.Reach(Dock.Claimed);
        var receipt = await intake.ReceiveAsync(escalation, cancellation);
        CrashPoint.Reach(Dock.Received);
        var findingId = escalation.About.Id;
        var now = MicrosecondClock.Truncate(clock.GetUtcNow());
        await OutboxStore.ReceiveAsync(work, receipt, findingId, now, cancellation);
        if (
            kind == "finding"
            && await FindingStore.LockAsync(work, findingId, cancellation) is { } finding
            && FindingMachine.Next(finding.State, FindingTrigger.Receipt) is { } next
        )
            await FindingStore.SetStateAsync(work, findingId, next, receipt.CaseId, cancellation);
        CrashPoint.Reach(Dock.ReceiptStored);
        await work.CommitAsync(cancellation);
        CrashPoint.Reach(Dock.Delivered);
        log.EscalationDelivered(escalation.Id, receipt.CaseId, escalation.CorrelationId);
        return true;
    }

    /// <summary>
    /// Takes due rows of every organisation and moves their next attempt away, so that a failing one does
    /// not come back at once and two workers rarely meet.
    /// </summary>
    async Task<IReadOnlyList<DueEscalation>> DueAsync(bool retryNow, CancellationToken cancellation)
    {
        const string sql = """
            UPDATE siem.outbox o SET attempts = o.attempts + 1,
                next_attempt_at = $1 + least(power(2, least(o.attempts, 10)), $3) * interval '1 second'
            FROM (
                SELECT organisation_id, escalation_id FROM siem.outbox
                WHERE delivered_at IS NULL AND (next_attempt_at <= $1 OR $4)
                ORDER BY attempts, escalation_id
                LIMIT $2 FOR UPDATE SKIP LOCKED
            ) AS due
            WHERE o.organisation_id = due.organisation_id AND o.escalation_id = due.escalation_id
            RETURNING o.organisation_id, o.escalation_id, o.attempts
            """;
        await using var command = database.Jobs.CreateCommand(sql);
        command.Parameters.AddWithValue(MicrosecondClock.Truncate(clock.GetUtcNow()));
        command.Parameters.AddWithValue(EscalationsMax);
        command.Parameters.AddWithValue(DeliveryDelaySecondsMax);
        command.Parameters.AddWithValue(retryNow);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var due = new List<DueEscalation>();
        while (await reader.ReadAsync(cancellation))
            due.Add(new DueEscalation(reader.GetGuid(0), reader.GetGuid(1), reader.GetInt32(2)));
        return due;
    }

    async Task NoteFailureAsync(DueEscalation due, string message, CancellationToken cancellation)
    {
        const string sql = """
            UPDATE siem.outbox SET last_error = $3
            WHERE organisation_id = $1 AND escalation_id = $2 AND delivered_at IS NULL
            """;
        var text = Storable.Text(message);
        await using var command = database.Jobs.CreateCommand(sql);
        command.Parameters.AddWithValue(due.OrganisationId);
        command.Parameters.AddWithValue(due.EscalationId);
        command.Parameters.AddWithValue(
            text.Length <= ErrorCharsMax ? text : Storable.Text(text[..ErrorCharsMax])
        );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    sealed record DueEscalation(Guid OrganisationId, Guid EscalationId, int Attempts);
}

/// <param name="LastError">The message of the latest failure, which its row carries too.</param>
public sealed record DeliveryOutcome(int Delivered, int Failed, string? LastError);
