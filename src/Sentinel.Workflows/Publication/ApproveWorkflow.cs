using Npgsql;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Workflows.Journal;

namespace Sentinel.Workflows.Publication;

/// <summary>Publishes a proposed version: from now on new instances follow it. Never one's own.</summary>
public sealed class ApproveWorkflow(SentinelDatabase database, TimeProvider clock)
{
    public async Task<PublishOutcome> RunAsync(
        Secret secret,
        string definitionId,
        int version,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        var proposed = await DefinitionStore.FindVersionAsync(
            work,
            definitionId,
            version,
            cancellation
        );
        if (proposed is null)
            return new PublishOutcome.NotFound($"workflow {definitionId} version {version}");
        try
        {
            var isNew = await DefinitionStore.PublishAsync(
                work,
                proposed,
                clock.GetUtcNow(),
                cancellation
            );
            await work.CommitAsync(cancellation);
            return isNew
                ? new PublishOutcome.Published(definitionId, version)
                : new PublishOutcome.AlreadySo(definitionId, version);
        }
        catch (PostgresException refused)
            when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return new PublishOutcome.Refused(refused.MessageText);
        }
    }
}
