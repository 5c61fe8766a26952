using System.Text.Json;
using Sentinel.Postgres.Access;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;
using Sentinel.Workflows.Journal;

namespace Sentinel.Workflows;

/// <summary>What one transaction changes in an instance, collected and then written together.</summary>
/// <param name="drawing">The version that it follows.</param>
/// <param name="next">The version that somebody asked it to go on in; null where nobody did.</param>
sealed class Checkpoint(
    PresentedTransaction work,
    Lease lease,
    StoredInstance stored,
    WorkflowDefinition drawing,
    (StoredDefinition Version, WorkflowDefinition Drawing)? next,
    ActivityCatalogue activities,
    DateTimeOffset now
)
{
    readonly List<JournalRow> rows = [];
    readonly List<PublishedEvent> published = [];
    readonly List<(PendingCall Call, ActivityAnswer Answer)> done = [];
    readonly HashSet<int> burned = [];
    InstanceState state = stored.State;
    WorkflowDefinition definition = drawing;
    StoredDefinition? followed;
    readonly InstanceRequest? request = stored.Requests is [var first, ..] ? first : null;
    string? refused;

    /// <summary>Where it stands now.</summary>
    public InstanceState State => state;

    /// <summary>What it tells everybody, and not itself alone.</summary>
    public IEnumerable<PublishedEvent> Published => published.Where(happened => !happened.Local);

    /// <summary>Answers came that are still to be taken.</summary>
    public bool HasMore =>
        stored.Requests.Count > 1
        || !state.HasEnded && stored.Resumed.Any(resumed => !burned.Contains(resumed.Execution));

    /// <summary>What it waited for before and does no more: answered, overdue, or cancelled.</summary>
    public IEnumerable<Bookmark> NoLongerAwaited =>
        stored.State.Bookmarks.Where(before =>
            state.Bookmarks.All(after => after.Execution != before.Execution)
        );

    /// <summary>
    /// What somebody asked for comes first; else it goes on with what is queued, and where nothing is, with
    /// the next answer that came.
    /// </summary>
    public ExecutorStep Take()
    {
        if (request is not null && (refused = WhyNot(request)) is null)
        {
            if (next is { } version)
                Follow(version.Version, version.Drawing, request.Reason);
            return Move(request.Stimulus);
        }
        if (refused is not null && !state.HasEnded)
            Refuse($"{request!.Kind}: {refused}");
        Stimulus stimulus = new Stimulus.Continue();
        if (state.Status == InstanceStatus.Suspended)
            foreach (var resumed in stored.Resumed)
            {
                burned.Add(resumed.Execution);
                if (state.Bookmarks.All(bookmark => bookmark.Execution != resumed.Execution))
                    continue;
                stimulus = resumed;
                break;
            }
        return Move(stimulus);
    }

    string? WhyNot(InstanceRequest asked) =>
        asked.Kind switch
        {
            InstanceRequest.Cancel => state.HasEnded ? Ended() : null,
            InstanceRequest.Retry => state.Incidents.Count == 0
            || state.Status == InstanceStatus.Cancelled
                ? "Nothing of it has failed."
                : null,
            _ => state is { HasEnded: true, Status: not InstanceStatus.Faulted } ? Ended()
            : next!.Value.Version.VersionId == stored.VersionId ? "It follows that version already."
            : VersionMove.Obstacles(definition, next.Value.Drawing, state) is { Count: > 0 } all
                ? string.Join(' ', all)
            : null,
        };

    string Ended() => $"It had ended as {state.Status.ToString().ToLowerInvariant()}.";

    void Follow(StoredDefinition version, WorkflowDefinition newer, string reason)
    {
        (state, var row) = VersionMove.Of(
            definition,
            newer,
            state,
            $"to version {version.Version}: {reason}"
        );
        rows.Add(row);
        (definition, followed) = (newer, version);
    }

    /// <summary>Its journal says what was not done, and why.</summary>
    public void Refuse(string why)
    {
        state = state.Copy();
        rows.Add(
            new JournalRow(
                ++state.LastRow,
                WorkflowDefinition.RootId,
                JournalEvent.Refused,
                1,
                null,
                why,
                null
            )
        );
    }

    public void Cancel(string reason) => Move(new Stimulus.Cancelled(reason));

    public ExecutorStep Answer(PendingCall call, ActivityAnswer answer) =>
        Move(new Stimulus.Answered(call.Execution, answer));

    /// <summary>To be written with the rest: this execution was done, and how it answered.</summary>
    public void Note(PendingCall call, ActivityAnswer answer) => done.Add((call, answer));

    /// <summary>
    /// Nothing but its own rows changes: nobody is told, and nothing that another would have to take back was
    /// given up.
    /// </summary>
    public bool IsPlain =>
        published.Count == 0
        && state is not { HasEnded: true, Depth: > 0 }
        && NoLongerAwaited.All(bookmark => activities.Acting(bookmark.Name) is null);

    /// <param name="isCalling">It goes on at once, with what an activity has answered.</param>
    public CheckpointRows Rows(bool isCalling)
    {
        var before = stored.State.Bookmarks.Select(bookmark => bookmark.Execution).ToHashSet();
        burned.UnionWith(NoLongerAwaited.Select(bookmark => bookmark.Execution));
        return new CheckpointRows(
            lease,
            state,
            stored.Signals,
            isCalling || HasMore,
            done,
            rows,
            [.. state.Bookmarks.Where(bookmark => !before.Contains(bookmark.Execution))],
            burned,
            followed
        );
    }

    /// <summary>False where the lease was lost: then nothing of this may be committed.</summary>
    public async Task<bool> WriteAsync(
        CheckpointRows changed,
        TimeSpan leaseDuration,
        CancellationToken cancellation
    )
    {
        if (!await CheckpointStore.WriteAsync(work, [changed], now, leaseDuration, cancellation))
            return false;
        if (request is not null)
            await RequestStore.TakeAsync(work, request.Id, refused, now, cancellation);
        if (state is { HasEnded: true, Depth: > 0 })
            await TellAboveAsync(cancellation);
        foreach (var happened in published)
            await BookmarkStore.ResumeAsync(
                work,
                BuiltInActivities.Event,
                happened.Name,
                happened.CorrelationId,
                happened.Local ? lease.InstanceId : null,
                "Done",
                happened.Outputs,
                now,
                cancellation
            );
        return true;
    }

    /// <summary>The workflow that waits for this one goes on.</summary>
    Task<int> TellAboveAsync(CancellationToken cancellation) =>
        BookmarkStore.ResumeAsync(
            work,
            BuiltInActivities.ExecuteWorkflow,
            lease.InstanceId.ToString(),
            null,
            null,
            state.Status == InstanceStatus.Finished
                ? "Done"
                : state.Status.ToString().ToLowerInvariant(),
            new Dictionary<string, JsonElement> { ["Result"] = Values.Of(state.Outputs) },
            now,
            cancellation
        );

    ExecutorStep Move(Stimulus stimulus)
    {
        var advance = WorkflowExecutor.Advance(definition, activities, state, stimulus, now);
        state = advance.State;
        rows.AddRange(advance.Rows);
        published.AddRange(advance.Published);
        return advance;
    }
}
