using System.Text.Json;
using Npgsql;
using Sentinel.Policies;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Cases;
using Sentinel.Workflows;

namespace Sentinel.Psa.Automation;

/// <summary>
/// Has the workflows go on whose condition holds by now. Every change of a case is a row in its audit log: a case
/// is looked at where there are more of them than the last time, and where nobody has looked yet.
/// </summary>
public sealed class WatchConditions(
    SentinelDatabase database,
    MachineSecrets machines,
    TimeProvider clock
)
{
    static readonly Dictionary<string, JsonElement> nothing = [];

    readonly Dictionary<(Guid OrganisationId, string Key), long> looked = [];

    /// <summary>One round; rounds follow each other, and are never run side by side.</summary>
    /// <returns>How many workflows go on.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var organisations = await CaseConditionStore.OrganisationsAsync(
            database.Jobs,
            cancellation
        );
        foreach (var gone in looked.Keys.Where(key => !organisations.Contains(key.OrganisationId)))
            looked.Remove(gone);
        var met = 0;
        List<Exception> failures = [];
        foreach (var organisation in organisations)
            try
            {
                met += await LookAsync(organisation, cancellation);
            }
            catch (CredentialRefusedException)
            {
                // A suspended organisation waits until it comes back.
            }
            catch (NpgsqlException failed)
            {
                failures.Add(failed);
            }
        return failures.Count == 0 ? met : throw new AggregateException(failures);
    }

    async Task<int> LookAsync(Guid organisationId, CancellationToken cancellation)
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            machines.For(organisationId, "workflow"),
            cancellation
        );
        var awaited = await CaseConditionStore.AwaitedAsync(work, cancellation);
        List<AwaitedCondition> changed =
        [
            .. awaited.Where(condition =>
                looked.GetValueOrDefault((organisationId, condition.Key)) != condition.Rows
            ),
        ];
        var met = 0;
        foreach (
            var ofCase in changed.GroupBy(condition => CaseCondition.OfKey(condition.Key).CaseId)
        )
            met += await LookAsync(work, ofCase.Key, [.. ofCase], cancellation);
        await work.CommitAsync(cancellation);
        // Only what is committed was looked at.
        var open = awaited.Select(condition => condition.Key).ToHashSet(StringComparer.Ordinal);
        foreach (
            var over in looked.Keys.Where(one =>
                one.OrganisationId == organisationId && !open.Contains(one.Key)
            )
        )
            looked.Remove(over);
        foreach (var condition in changed)
            looked[(organisationId, condition.Key)] = condition.Rows;
        return met;
    }

    async Task<int> LookAsync(
        PresentedTransaction work,
        Guid caseId,
        IReadOnlyList<AwaitedCondition> awaited,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.FindAsync(work, caseId, cancellation) is not { } found)
            return 0;
        var values = await CaseConditionStore.ValuesAsync(work, found, cancellation);
        var met = 0;
        foreach (var condition in awaited)
            if (
                CaseCondition.Read(CaseCondition.OfKey(condition.Key).Text) is QueryLoad.Loaded load
                && load.Holds(values)
            )
                met += await WorkflowRunner.ResumeAsync(
                    work,
                    CaseCondition.ActivityType,
                    condition.Key,
                    CaseCondition.Met,
                    nothing,
                    clock.GetUtcNow(),
                    cancellation
                );
        return met;
    }
}
