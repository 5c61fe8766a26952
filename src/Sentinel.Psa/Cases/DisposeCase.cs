using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Cases;

/// <summary>Was it resolved correctly, and what was it?</summary>
public enum Disposition
{
    TruePositive,
    FalsePositive,
    Benign,
    Duplicate,
}

/// <summary>Decides what the case was, with a reason. The latest decision holds; all are kept.</summary>
public sealed class DisposeCase(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<Case>> RunAsync(
        Secret secret,
        Guid caseId,
        Disposition disposition,
        string reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("case.dispose", "case", caseId, caseId),
            work => InAsync(work, caseId, disposition, reason, cancellation),
            cancellation
        );

    async Task<Outcome<Case>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        Disposition disposition,
        string reason,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.LockAsync(work, caseId, cancellation) is not { } found)
            return new Outcome<Case>.NotFound($"case {caseId}");
        var refusal =
            await PermissionStore.UnlessPersonMayAsync(
                work,
                "case.dispose",
                "case.dispose",
                cancellation
            ) ?? ReasonGiven.Missing("case.dispose", reason);
        if (refusal is not null)
            return new Outcome<Case>.Declined(refusal);
        const string sql = """
            INSERT INTO psa.case_dispositions
                (id, organisation_id, case_id, disposition, reason, decided_by, decided_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """;
        var now = clock.GetUtcNow();
        await using var command = work.Command(sql)
            .With(
                Guid.CreateVersion7(now),
                work.Actor.OrganisationId,
                caseId,
                disposition.Word(),
                reason,
                work.Actor.Id,
                now
            );
        await command.ExecuteNonQueryAsync(cancellation);
        return new Outcome<Case>.Done(found);
    }
}
