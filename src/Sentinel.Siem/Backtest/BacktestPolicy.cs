using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Rules;

namespace Sentinel.Siem.Backtest;

public abstract record BacktestOutcome
{
    public sealed record Backtested(BacktestReport Report) : BacktestOutcome;

    public sealed record BadPolicies(IReadOnlyList<Diagnostic> Diagnostics) : BacktestOutcome;

    /// <param name="Reason">One sentence with what to do.</param>
    public sealed record Refused(string Reason) : BacktestOutcome;
}

/// <summary>
/// What a draft would have found in stored events, beside what the active policies raised from them. Reads
/// as the role that replays, and writes nothing.
/// </summary>
public sealed class BacktestPolicy(
    SentinelDatabase database,
    PolicySets policies,
    IRawEventStore rawEvents
)
{
    /// <summary>Findings of either side that are compared one by one.</summary>
    public const int FindingsMax = 100_000;

    /// <param name="from">The first time that counts, or null for the first record.</param>
    /// <param name="to">The first time that counts no more, or null.</param>
    /// <param name="progress">How many records were read so far, of how many.</param>
    public async Task<BacktestOutcome> RunAsync(
        Secret secret,
        IReadOnlyList<PolicyText> draft,
        DateTimeOffset? from,
        DateTimeOffset? to,
        IProgress<(long Done, long Of)>? progress,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Siem,
            secret,
            cancellation
        );
        if (await PermissionStore.RefusalAsync(work, "finding.read", cancellation) is { } refusal)
            return new BacktestOutcome.Refused(refusal);
        var range = new TimeRange(
            from ?? DateTimeOffset.MinValue.AddYears(1),
            to ?? DateTimeOffset.MaxValue.AddYears(-1)
        );
        if (range.From >= range.To)
            return new BacktestOutcome.Refused("The time ends before it begins: exchange the two.");
        var active = await policies.ActiveAsync(work, cancellation);
        var drafted = new DraftPolicies(draft, active);
        if (drafted.Beside(active) is not PolicyLoad.Loaded { Policy: var loaded } load)
            return new BacktestOutcome.BadPolicies(
                ((PolicyLoad.Rejected)drafted.Beside(active)).Diagnostics
            );
        var changed = drafted.ChangedRules(loaded);
        string[] names = [.. changed.Select(r => r.Name).Concat(drafted.ReplacedRules).Distinct()];
        if (names.Length == 0)
            return new BacktestOutcome.Refused(
                "The draft has no rule, source or list: there is nothing to try."
            );
        var raised = await RaisedFindings.ListAsync(work, names, range, FindingsMax, cancellation);
        if (raised is null)
            return TooMany("the active version raised");

        await using var connection = await database.Replay.OpenConnectionAsync(cancellation);
        var found = new DraftFindings(changed.Select(r => r.Name).ToHashSet(), range, FindingsMax);
        var reader = new BacktestReader(connection, work.Actor.OrganisationId, policies, rawEvents);
        var read = await reader.RunAsync(
            new BacktestInput(drafted, active, loaded, changed, range),
            found,
            progress,
            cancellation
        );
        return found.IsFull
            ? TooMany("the draft finds")
            : new BacktestOutcome.Backtested(
                BacktestReport.Of(found, raised, read, changed.Count, load.Warnings)
            );
    }

    static BacktestOutcome.Refused TooMany(string who) =>
        new(
            $"{who} more than {FindingsMax} findings in that time: choose a shorter one with "
                + "--from and --to."
        );
}

/// <param name="To">The first time that counts no more.</param>
public readonly record struct TimeRange(DateTimeOffset From, DateTimeOffset To)
{
    public bool Holds(DateTimeOffset time) => time >= From && time < To;
}
