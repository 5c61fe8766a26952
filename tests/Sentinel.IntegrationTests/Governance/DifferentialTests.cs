using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Governance;

namespace Sentinel.IntegrationTests.Governance;

/// <summary>
/// The model of the exhaustive proof, the service, and PostgreSQL past the service: whatever anybody tries
/// with a case, all three say yes or all three say no.
/// </summary>
public sealed class DifferentialTests(SharedTrial shared) : IClassFixture<SharedTrial>
{
    const int StepsMax = 40;

    [Property(MaxTest = 12, Arbitrary = [typeof(Choices)])]
    public async Task Model_service_and_database_let_the_same_happen(Choices choices) =>
        Assert.Null(await RunAsync(shared.Trial, choices.Of));

    [Fact]
    public async Task A_rule_that_the_database_lost_is_noticed()
    {
        await using var trial = await TrialOffice.OpenAsync();
        await trial.Office.Database.RunAsSuperuserAsync(
            """
            CREATE OR REPLACE FUNCTION psa.guard_task_action() RETURNS trigger LANGUAGE plpgsql
            AS 'BEGIN RETURN NEW; END'
            """
        );
        var one = await TrialCase.OpenAsync(trial);

        // Nobody records what they did in a task that nobody has started.
        var difference = await one.TryAsync(
            new ReferenceStep(ReferenceAct.RecordAction, new Hand(0, 0))
        );

        Assert.Contains("RecordAction", difference, StringComparison.Ordinal);
    }

    static async Task<string?> RunAsync(TrialOffice trial, IReadOnlyList<int> choices)
    {
        var one = await TrialCase.OpenAsync(trial);
        string? difference = null;
        foreach (var choice in choices)
            if (
                one.Now.Status == CaseState.Closed
                || (difference = await one.TryAsync(Chosen(one.Now, choice))) is not null
            )
                break;
        await one.EndAsync();
        return difference is null ? null : string.Join('\n', one.Story) + '\n' + difference;
    }

    /// <summary>Two of three are steps that the model allows, or nothing would ever be closed.</summary>
    static ReferenceStep Chosen(ReferenceCase now, int choice)
    {
        var rules = new ReferenceRules(TrialOffice.World);
        var tried = TrialOffice.World.Steps(now).Where(step => IsTried(now, step)).ToList();
        var allowed = tried.Where(step => rules.Next(now, step) is not null).ToList();
        var from = choice % 3 == 0 || allowed.Count == 0 ? tried : Varied(allowed, choice);
        return from[choice / 3 % from.Count];
    }

    /// <summary>One kind of act at a time: there are many ways to assign and few to close.</summary>
    static List<ReferenceStep> Varied(List<ReferenceStep> allowed, int choice)
    {
        var acts = allowed.Select(step => step.Act).Distinct().ToList();
        var act = acts[choice / 7 % acts.Count];
        return [.. allowed.Where(step => step.Act == act)];
    }

    // What the model bounds and the product does not: a second question, a second delegation.
    static bool IsTried(ReferenceCase now, ReferenceStep step) =>
        step.Act switch
        {
            ReferenceAct.FollowOn => false,
            ReferenceAct.MergeWithOther => !now.Merged,
            ReferenceAct.UnmergeFromOther => now.Merged,
            ReferenceAct.AskForApproval => now.Asker == 0,
            ReferenceAct.ApproveIt or ReferenceAct.RefuseIt or ReferenceAct.WithdrawIt => now.Asker
                != 0,
            ReferenceAct.DelegateDuties => now.Delegation == 0,
            ReferenceAct.EndDelegation => now.Delegation != 0,
            _ => true,
        };

    /// <summary>What somebody tries, one number a step; fewer steps are simpler.</summary>
    public sealed record Choices(int[] Of)
    {
        public static Arbitrary<Choices> Sequences() =>
            Arb.From(
                Gen.Choose(0, int.MaxValue - 1).ArrayOf(StepsMax).Select(of => new Choices(of)),
                Fewer
            );

        static IEnumerable<Choices> Fewer(Choices choices) =>
            Enumerable
                .Range(0, choices.Of.Length)
                .Reverse()
                .Select(left => new Choices([.. choices.Of.Where((_, place) => place != left)]));
    }
}

/// <summary>One office for all sequences, each with cases of its own.</summary>
public sealed class SharedTrial : IAsyncLifetime
{
    internal TrialOffice Trial { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Trial = await TrialOffice.OpenAsync();

    public ValueTask DisposeAsync() => Trial.DisposeAsync();
}
