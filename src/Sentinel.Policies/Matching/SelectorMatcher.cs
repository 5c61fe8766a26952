using System.Runtime.InteropServices;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Matching;

/// <summary>Asks one event after another of a <see cref="SelectorIndex"/>; for one thread at a time.</summary>
public sealed class SelectorMatcher
{
    readonly SelectorIndex index;
    readonly EventTexts texts;
    readonly Answers answers;
    readonly DiscriminatorReader[] discriminators;
    readonly Dictionary<PlanKey, PlanUse> plans = [];
    readonly Marks fired = new();
    readonly Marks candidates = new();
    readonly List<int> taken = [];

    internal SelectorMatcher(SelectorIndex index, Func<EventTexts, bool>[] tests)
    {
        this.index = index;
        texts = new EventTexts(index.FieldsCount);
        answers = new Answers(tests, texts);
        discriminators = [.. index.Discriminators.Select(d => new DiscriminatorReader(d))];
        candidates.Reserve(index.SelectorsCount);
    }

    /// <summary>
    /// The places of the selectors that take the event, ascending, as if each had been asked by itself; good
    /// until the next call.
    /// </summary>
    public ReadOnlySpan<int> Match(string category, string type, IFieldValues values)
    {
        texts.Begin(values);
        answers.Begin();
        candidates.Clear();
        fired.Clear();
        var use = PlanFor(category, type);
        use.Plan.Search(texts, fired, candidates);
        use.Saw(fired.Added);
        candidates.Sort();
        taken.Clear();
        foreach (var selector in candidates.Added)
            if (index.Holds(selector, answers))
                taken.Add(selector);
        return CollectionsMarshal.AsSpan(taken);
    }

    PlanUse PlanFor(string category, string type)
    {
        var key = new PlanKey(
            index.Categories.GetValueOrDefault(category),
            index.Types.GetValueOrDefault(type),
            ClassOf(0),
            ClassOf(1),
            ClassOf(2)
        );
        ref var use = ref CollectionsMarshal.GetValueRefOrAddDefault(plans, key, out _);
        return use ??= new PlanUse(index.PlanOf(key));
    }

    int ClassOf(int discriminator) =>
        discriminator < discriminators.Length ? discriminators[discriminator].Read(texts) : 0;
}
