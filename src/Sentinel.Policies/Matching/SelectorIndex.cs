using Sentinel.Policies.Model;

namespace Sentinel.Policies.Matching;

/// <summary>
/// All selectors of many rules, made ready to be asked together: an event meets those that its kind, its
/// discriminating fields and the words in its texts leave, and is asked no predicate twice. Never changes
/// its answers, and is shared by all threads.
/// </summary>
public sealed class SelectorIndex
{
    const int DiscriminatorsMax = 3;

    readonly EventSelector[] selectors;
    readonly Question[] questions;
    readonly Predicate[] predicates;
    readonly Func<EventTexts, bool>[] tests;
    readonly WordUses uses;
    readonly Predicate[][] required;
    readonly Plans plans;

    public SelectorIndex(IEnumerable<EventSelector> selectors)
    {
        this.selectors = [.. selectors];
        var trees = this.selectors.Select(TreeOf).ToList();
        predicates = [.. trees.SelectMany(t => t.Leaves).Select(l => l.Predicate).Distinct()];
        var numbers = predicates.Index().ToDictionary(p => p.Item, p => p.Index);
        questions = [.. trees.Select(tree => Question.Of(tree, numbers))];
        tests = [.. predicates.Select(TextQuestions.Compile)];
        uses = new WordUses(predicates);
        plans = new Plans(Make);
        Discriminators = [.. Equalities.Discriminate(trees, DiscriminatorsMax)];
        required = [.. trees.Select(tree => Equalities.Required(tree).ToArray())];
        Categories = Number(this.selectors.Select(s => s.Category));
        Types = Number(this.selectors.Select(s => s.Type));
        FieldsCount = predicates
            .SelectMany(p => p.Reads)
            .Select(f => f.Ordinal + 1)
            .Append(0)
            .Max();
    }

    internal Discriminator[] Discriminators { get; }

    /// <summary>Numbers of the categories that selectors name; any other event's is 0.</summary>
    internal IReadOnlyDictionary<string, int> Categories { get; }

    internal IReadOnlyDictionary<string, int> Types { get; }

    internal int FieldsCount { get; }

    internal int SelectorsCount => selectors.Length;

    /// <summary>For one thread at a time.</summary>
    public SelectorMatcher NewMatcher() => new(this, tests);

    internal bool Holds(int selector, Answers answers) => questions[selector].Holds(answers);

    internal LearningPlan PlanOf(PlanKey key) => plans.Of(key);

    Plan Make(PlanKey key, Func<Trigger, double?> seen)
    {
        var cover = new TriggerCover(p => Answer(key, p), new LeafTriggers(uses, seen));
        var covers = new List<(int, Cover)>();
        for (var i = 0; i < selectors.Length; i++)
        {
            if (!MayTake(selectors[i], key) || required[i].Any(p => Answer(key, p) == false))
                continue;
            var own = cover.Of(TreeOf(selectors[i]));
            if (own.Triggers is not [])
                covers.Add((i, own));
        }
        return new Plan(covers);
    }

    bool MayTake(EventSelector selector, PlanKey key) =>
        (selector.Category is not { } category || Categories[category] == key.Category)
        && (selector.Type is not { } type || Types[type] == key.Type);

    bool? Answer(PlanKey key, Predicate predicate)
    {
        for (var i = 0; i < Discriminators.Length; i++)
            if (Discriminators[i].Answer(key.ClassOf(i), predicate) is { } answer)
                return answer;
        return null;
    }

    static ConditionTree TreeOf(EventSelector selector) =>
        new ConditionTree.AllOf([.. selector.Conditions.Select(c => c.Tree)]);

    static Dictionary<string, int> Number(IEnumerable<string?> names) =>
        names
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .Index()
            .ToDictionary(n => n.Item, n => n.Index + 1, StringComparer.Ordinal);
}

/// <summary>What decides about an event's plan: its category and type, and classes of its values.</summary>
readonly record struct PlanKey(int Category, int Type, int First, int Second, int Third)
{
    /// <summary>Of events of which nothing but category and type is known.</summary>
    public PlanKey General() => new(Category, Type, 0, 0, 0);

    public int ClassOf(int discriminator) =>
        discriminator switch
        {
            0 => First,
            1 => Second,
            _ => Third,
        };
}
