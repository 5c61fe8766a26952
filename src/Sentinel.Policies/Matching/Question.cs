using System.Diagnostics;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Matching;

/// <summary>What one event has answered so far: each predicate is asked at most once.</summary>
sealed class Answers(Func<EventTexts, bool>[] predicates, EventTexts texts)
{
    readonly int[] answered = new int[predicates.Length];
    int current;

    public void Begin()
    {
        // Two numbers for each event, the second of them for yes.
        current += 2;
        if (current > 0)
            return;
        Array.Clear(answered);
        current = 2;
    }

    public bool Of(int predicate)
    {
        ref var known = ref answered[predicate];
        if ((known & ~1) != current)
            known = predicates[predicate](texts) ? current | 1 : current;
        return (known & 1) != 0;
    }
}

/// <summary>A condition over numbered predicates.</summary>
abstract class Question
{
    public abstract bool Holds(Answers answers);

    /// <summary>What costs least is asked first.</summary>
    public abstract int Cost { get; }

    public static Question Of(ConditionTree tree, IReadOnlyDictionary<Predicate, int> numbers) =>
        tree switch
        {
            ConditionTree.AllOf all => new Counting(
                all.Of.Count,
                [.. all.Of.Select(one => Of(one, numbers)).OrderBy(q => q.Cost)]
            ),
            ConditionTree.AnyOf any => new Counting(
                1,
                [.. any.Of.Select(one => Of(one, numbers)).OrderBy(q => q.Cost)]
            ),
            ConditionTree.AtLeastOf some => new Counting(
                some.Count,
                [.. some.Of.Select(one => Of(one, numbers)).OrderBy(q => q.Cost)]
            ),
            ConditionTree.NotOf not => new Denying(Of(not.Of, numbers)),
            ConditionTree.LeafOf leaf => new Asking(
                numbers[leaf.Predicate],
                CostOf(leaf.Predicate)
            ),
            _ => throw new UnreachableException(),
        };

    static int CostOf(Predicate predicate) =>
        predicate switch
        {
            { Field: null } => 100,
            { Asked: PredicateTest.IsPresent or PredicateTest.NumberIs } => 1,
            { Asked: PredicateTest.TextIs { Match: TextMatch.Like } } => 10,
            { Asked: PredicateTest.TextIs { Match: TextMatch.Contains } text } => 2
                + text.Wanted.Count,
            { Asked: PredicateTest.TextIs text } => 1 + text.Wanted.Count / 4,
            { Asked: PredicateTest.RegexFinds } => 20,
            _ => 5,
        };

    sealed class Asking(int predicate, int cost) : Question
    {
        public override bool Holds(Answers answers) => answers.Of(predicate);

        public override int Cost => cost;
    }

    sealed class Denying(Question of) : Question
    {
        public override bool Holds(Answers answers) => !of.Holds(answers);

        public override int Cost => of.Cost;
    }

    sealed class Counting(int count, Question[] of) : Question
    {
        // Of those that do not hold, so many decide that too few do.
        readonly int failuresMax = of.Length - count;

        public override int Cost { get; } = of.Sum(q => q.Cost);

        public override bool Holds(Answers answers)
        {
            var missing = count;
            var failuresLeft = failuresMax;
            if (missing <= 0)
                return true;
            foreach (var question in of)
                if (question.Holds(answers))
                {
                    if (--missing == 0)
                        return true;
                }
                else if (--failuresLeft < 0)
                    return false;
            return false;
        }
    }
}
