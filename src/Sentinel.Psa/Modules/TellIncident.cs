using System.Text.Json.Nodes;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Modules;

/// <summary>A case in the words that other systems share: OCSF's incident finding, as it stands now.</summary>
public sealed class TellIncident(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<JsonObject>> RunAsync(
        Secret secret,
        Guid caseId,
        CancellationToken cancellation
    ) =>
        AttemptStore.ReadAsync(
            database.Psa,
            secret,
            new Deed("case.read", "case", caseId, caseId),
            "case.read",
            work => InAsync(work, caseId, cancellation),
            cancellation
        );

    async Task<Outcome<JsonObject>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.FindAsync(work, caseId, cancellation) is not { } told)
            return new Outcome<JsonObject>.NotFound($"case {caseId}");
        var names = await DecisionStore.NamesAsync(work, cancellation);
        var decided = await DecisionStore.DispositionsAsync(work, caseId, cancellation);
        var delivered = await ModuleStore.OfCaseAsync(work, caseId, cancellation);
        List<CaseFinding> findings =
        [
            .. delivered
                .DistinctBy(one => (one.Module, one.OutsideId))
                .Select(one => new CaseFinding(one.OutsideId, told.Summary, one.FindingType)),
        ];
        // Of a case without modules, the finding is detection's own, or what a person saw.
        if (findings.Count == 0)
            findings.Add(
                new CaseFinding((told.FindingId ?? told.Id).ToString(), told.Summary, null)
            );
        return new Outcome<JsonObject>.Done(
            IncidentFinding.Of(
                told,
                findings,
                told.OwnerId is { } owner ? (owner, names.GetValueOrDefault(owner, "")) : null,
                decided.Count == 0 ? null : decided[^1].Disposition,
                clock.GetUtcNow()
            )
        );
    }
}
