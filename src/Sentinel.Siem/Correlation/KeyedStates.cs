namespace Sentinel.Siem.Correlation;

/// <summary>
/// State for each key, newest touched last; at the limit the key that was untouched longest goes, and the
/// caller is told.
/// </summary>
sealed class KeyedStates<TState>(int keysMax)
    where TState : class
{
    readonly Dictionary<string, LinkedListNode<(RuleKey Key, TState State)>> byKey = new(
        StringComparer.Ordinal
    );
    readonly LinkedList<(RuleKey Key, TState State)> byTouch = new();

    public int Count => byKey.Count;

    /// <summary>Longest untouched first.</summary>
    public IEnumerable<(RuleKey Key, TState State)> All => byTouch;

    public TState? Find(RuleKey key) =>
        byKey.TryGetValue(key.Text, out var node) ? node.Value.State : null;

    /// <summary>The key's state, touched; the key that had to go for it, or null.</summary>
    public TState Touch(RuleKey key, Func<TState> create, out (RuleKey Key, TState State)? dropped)
    {
        dropped = null;
        if (byKey.TryGetValue(key.Text, out var node))
        {
            byTouch.Remove(node);
            byTouch.AddLast(node);
            return node.Value.State;
        }
        if (byKey.Count >= keysMax)
        {
            dropped = byTouch.First!.Value;
            Remove(dropped.Value.Key);
        }
        var state = create();
        byKey.Add(key.Text, byTouch.AddLast((key, state)));
        return state;
    }

    public void Remove(RuleKey key)
    {
        if (byKey.Remove(key.Text, out var node))
            byTouch.Remove(node);
    }

    /// <summary>Forgets keys from the longest untouched on, as long as they are over.</summary>
    public void Forget(Func<TState, bool> isOver)
    {
        while (byTouch.First is { } node && isOver(node.Value.State))
            Remove(node.Value.Key);
    }

    public void Save(StateWriter state, Action<TState> save)
    {
        state.Write(Count);
        foreach (var (key, value) in byTouch)
        {
            state.Write(key.Parts);
            save(value);
        }
    }

    public void Restore(StateReader state, Func<TState> restore)
    {
        for (var count = state.ReadInt(); count > 0; count--)
        {
            var key = RuleKey.Of(state.ReadTexts());
            byKey.Add(key.Text, byTouch.AddLast((key, restore())));
        }
    }
}
