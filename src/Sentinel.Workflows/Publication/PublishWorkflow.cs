using Npgsql;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;
using Sentinel.Workflows.Journal;

namespace Sentinel.Workflows.Publication;

/// <summary>Every answer to the proposal or the approval of a version.</summary>
public abstract record PublishOutcome
{
    /// <summary>Stored for good; it runs once a second person has approved it.</summary>
    public sealed record Proposed(string DefinitionId, int Version, string Sha256) : PublishOutcome;

    public sealed record Published(string DefinitionId, int Version) : PublishOutcome;

    /// <summary>The newest version has exactly this text already.</summary>
    public sealed record AlreadySo(string DefinitionId, int Version) : PublishOutcome;

    public sealed record Invalid(IReadOnlyList<WorkflowProblem> Problems) : PublishOutcome;

    public sealed record NotFound(string What) : PublishOutcome;

    public sealed record Refused(string Reason) : PublishOutcome;
}

/// <summary>Proposes a new version of a workflow, checked completely, its tests green.</summary>
public sealed class PublishWorkflow(
    SentinelDatabase database,
    ActivityCatalogue activities,
    TimeProvider clock
)
{
    public async Task<PublishOutcome> RunAsync(
        Secret secret,
        string json,
        CancellationToken cancellation
    )
    {
        var examined = new ExamineWorkflow(activities).Run(json);
        if (examined.Definition is not { } definition)
            return new PublishOutcome.Invalid(examined.Problems);
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        try
        {
            var outcome = await ProposeAsync(work, definition.Id, json, cancellation);
            await work.CommitAsync(cancellation);
            return outcome;
        }
        catch (PostgresException refused)
            when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return new PublishOutcome.Refused(refused.MessageText);
        }
        catch (PostgresException raced) when (raced.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return new PublishOutcome.Refused(
                "Somebody else proposed a version at the same time: look at it, then try again."
            );
        }
    }

    async Task<PublishOutcome> ProposeAsync(
        PresentedTransaction work,
        string definitionId,
        string json,
        CancellationToken cancellation
    )
    {
        var latest = await DefinitionStore.FindNewestAsync(work, definitionId, cancellation);
        if (latest is { IsShipped: false } && latest.Json == json)
            return new PublishOutcome.AlreadySo(definitionId, latest.Version);
        var now = clock.GetUtcNow();
        var version = (latest?.Version ?? 0) + 1;
        var next = new StoredDefinition(Guid.CreateVersion7(now), false, version, json);
        await DefinitionStore.InsertAsync(work, next, definitionId, now, cancellation);
        await DraftStore.SettleAsync(work, definitionId, json, version, now, cancellation);
        return new PublishOutcome.Proposed(definitionId, version, DefinitionStore.Sha256(json));
    }
}
