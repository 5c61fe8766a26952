using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Automation;

/// <summary>The workflows that there are: what ships, what the organisation proposed, what one draws oneself.</summary>
public sealed class ReadLibrary(SentinelDatabase database)
{
    /// <param name="definitionId">Null: every workflow.</param>
    public Task<Outcome<IReadOnlyList<LibraryText>>> RunAsync(
        Secret secret,
        string? definitionId,
        CancellationToken cancellation
    ) =>
        AttemptStore.ListAsync(
            database.Psa,
            secret,
            new Deed("workflow.read", "workflow", null, null),
            "case.read",
            work => LibraryStore.ReadAsync(work, definitionId, cancellation),
            cancellation
        );
}
