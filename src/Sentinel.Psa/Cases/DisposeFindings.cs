using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Cases;

/// <summary>
/// Sets findings aside without a case: a decision of a person, so it lives here and not in detection.
/// </summary>
public sealed class DisposeFindings(SentinelDatabase database, TimeProvider clock)
{
    const int FindingsMax = 1000;

    /// <returns>How many were set aside; all or none.</returns>
    public Task<Outcome<int>> RunAsync(
        Secret secret,
        IReadOnlyCollection<Guid> findingIds,
        Disposition disposition,
        string reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("finding.dispose", "finding", findingIds.FirstOrDefault(), null),
            work => InAsync(work, findingIds, disposition, reason, cancellation),
            cancellation
        );

    async Task<Outcome<int>> InAsync(
        PresentedTransaction work,
        IReadOnlyCollection<Guid> findingIds,
        Disposition disposition,
        string reason,
        CancellationToken cancellation
    )
    {
        var refusal =
            await PermissionStore.UnlessPersonMayAsync(
                work,
                "finding.dispose",
                "finding.escalate",
                cancellation
            ) ?? ReasonGiven.Missing("finding.dispose", reason);
        if (refusal is null && findingIds.Count > FindingsMax)
            refusal = new RuleRefusal(
                "finding.dispose.limit",
                $"at most {FindingsMax} findings at once",
                "the same person, in several steps"
            );
        if (refusal is not null)
            return new Outcome<int>.Declined(refusal);
        const string sql = """
            INSERT INTO psa.finding_dispositions
                (id, organisation_id, finding_id, disposition, reason, decided_by, decided_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """;
        var now = clock.GetUtcNow();
        foreach (var findingId in findingIds.Distinct())
        {
            await using var command = work.Command(sql)
                .With(
                    Guid.CreateVersion7(now),
                    work.Actor.OrganisationId,
                    findingId,
                    disposition.Word(),
                    reason,
                    work.Actor.Id,
                    now
                );
            await command.ExecuteNonQueryAsync(cancellation);
        }
        return new Outcome<int>.Done(findingIds.Distinct().Count());
    }
}
