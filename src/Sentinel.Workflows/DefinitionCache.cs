using System.Collections.Concurrent;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;
using Sentinel.Workflows.Journal;

namespace Sentinel.Workflows;

/// <summary>Versions never change: each is read and checked once in the life of a process.</summary>
sealed class DefinitionCache(ActivityCatalogue activities)
{
    readonly ConcurrentDictionary<Guid, WorkflowDefinition> definitions = new();

    public async Task<WorkflowDefinition> FindAsync(
        PresentedTransaction work,
        Guid versionId,
        CancellationToken cancellation
    ) =>
        definitions.TryGetValue(versionId, out var known)
            ? known
            : Load((await DefinitionStore.FindAsync(work, versionId, cancellation))!);

    /// <exception cref="OperationFailedException">It uses an activity that is gone.</exception>
    public WorkflowDefinition Load(StoredDefinition stored) =>
        definitions.GetOrAdd(
            stored.VersionId,
            _ =>
                activities.Load(stored.Json) is { Definition: { } definition }
                    ? definition
                    : throw new OperationFailedException(
                        "A published workflow cannot be read any more: an activity that it uses is gone."
                    )
        );
}
