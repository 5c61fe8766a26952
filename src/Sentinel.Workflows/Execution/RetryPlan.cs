using System.Text.Json;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Execution;

/// <summary>How often an activity is tried where something breaks, and how long after each failure.</summary>
/// <param name="AttemptsMax">1 to 20; then it has failed.</param>
/// <param name="First">After the first failure; twice as long after each further one, up to 15 minutes.</param>
sealed record RetryPlan(int AttemptsMax, TimeSpan First)
{
    const string Attempts = "attemptsMax";
    const string Backoff = "backoff";
    const int AttemptsLimit = 20;

    static readonly TimeSpan longest = TimeSpan.FromMinutes(15);
    static readonly TimeSpan limit = TimeSpan.FromDays(1);

    public static RetryPlan Usual { get; } = new(8, TimeSpan.FromSeconds(1));

    /// <summary>What every activity with an effect can be given.</summary>
    public static IReadOnlyList<ActivityInput> Inputs { get; } =
    [
        new(
            Attempts,
            WorkflowType.Integer,
            Help: "How often it is tried where something breaks, 1 to 20; empty: 8 times."
        ),
        new(
            Backoff,
            WorkflowType.Duration,
            Help: "How long after the first failure, then twice as long each time; empty: a second."
        ),
    ];

    /// <summary>Null where what was given is out of its range.</summary>
    public static RetryPlan? Of(IReadOnlyDictionary<string, JsonElement> inputs)
    {
        var attempts = inputs.TryGetValue(Attempts, out var given)
            ? Values.AsNumber(given)
            : Usual.AttemptsMax;
        var first = inputs.TryGetValue(Backoff, out var pause)
            ? Values.AsDuration(pause)
            : Usual.First;
        return attempts is >= 1 and <= AttemptsLimit && first >= TimeSpan.Zero && first <= limit
            ? new RetryPlan((int)attempts, first)
            : null;
    }

    /// <param name="failures">How often it had failed before this time.</param>
    public TimeSpan WaitAfter(int failures)
    {
        var wait = First * Math.Pow(2, failures);
        return wait < longest ? wait : TimeSpan.FromTicks(Math.Max(longest.Ticks, First.Ticks));
    }
}
