using System.Text.Json;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Workflows;

namespace Sentinel.Psa.Cases;

/// <summary>Severities that workflows propose, and how the workflows learn what a person decided.</summary>
static class ProposalStore
{
    public const string ActivityType = "Sentinel.SetSeverity";

    public static async Task<SeverityProposal> InsertAsync(
        PresentedTransaction work,
        Guid caseId,
        int severity,
        string reason,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.severity_proposals
                (id, organisation_id, case_id, severity, reason, proposed_by, proposed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """;
        var proposal = new SeverityProposal(
            Guid.CreateVersion7(now),
            severity,
            reason,
            work.Actor.Id,
            now,
            null
        );
        await using var command = work.Command(sql)
            .With(
                proposal.Id,
                work.Actor.OrganisationId,
                caseId,
                severity,
                reason,
                proposal.ProposedBy,
                now
            );
        await command.ExecuteNonQueryAsync(cancellation);
        return proposal;
    }

    public static async Task<IReadOnlyList<SeverityProposal>> OfCaseAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, severity, reason, proposed_by, proposed_at, outcome
            FROM psa.severity_proposals WHERE case_id = $1 ORDER BY proposed_at, id
            """;
        await using var command = work.Command(sql).With(caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<SeverityProposal> proposals = [];
        while (await reader.ReadAsync(cancellation))
            proposals.Add(
                new SeverityProposal(
                    reader.GetGuid(0),
                    reader.GetInt32(1),
                    reader.GetString(2),
                    reader.GetGuid(3),
                    reader.GetFieldValue<DateTimeOffset>(4),
                    reader.TextOrNull(5)
                )
            );
        return proposals;
    }

    /// <summary>A person decided: whoever proposed the same was right, and every workflow that waits goes on.</summary>
    public static async Task SettleAsync(
        PresentedTransaction work,
        Guid caseId,
        int severity,
        string reason,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        foreach (var proposal in await OfCaseAsync(work, caseId, cancellation))
        {
            if (proposal.Outcome is not null)
                continue;
            var isAccepted = proposal.Severity == severity;
            await EndAsync(
                work,
                proposal.Id,
                isAccepted ? "accepted" : "changed",
                now,
                cancellation
            );
            await WorkflowRunner.ResumeAsync(
                work,
                ActivityType,
                proposal.Id.ToString(),
                isAccepted ? "Accepted" : "Changed",
                new Dictionary<string, JsonElement>
                {
                    ["Severity"] = JsonSerializer.SerializeToElement(severity),
                    ["Reason"] = JsonSerializer.SerializeToElement(reason),
                },
                now,
                cancellation
            );
        }
    }

    /// <summary>Nobody waits for the answer any more; what was settled before stays so.</summary>
    public static Task WithdrawAsync(
        PresentedTransaction work,
        Guid id,
        DateTimeOffset now,
        CancellationToken cancellation
    ) => EndAsync(work, id, "withdrawn", now, cancellation);

    static async Task EndAsync(
        PresentedTransaction work,
        Guid id,
        string outcome,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            UPDATE psa.severity_proposals SET outcome = $2, settled_at = $3
            WHERE id = $1 AND settled_at IS NULL
            """;
        await using var command = work.Command(sql).With(id, outcome, now);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
