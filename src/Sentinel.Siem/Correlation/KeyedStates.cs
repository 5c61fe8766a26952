namespace Sentinel.Siem.Correlation;

/// <summary>
/// State for each key, newest touched last; at the limit the key that was untouched longest goes, and the
/// caller is told.
/// </summary>
sealed class KeyedStates<TState>(int keysMax)
    where TState : class
{
    readonly KeySlots keys = new(keysMax);
    readonly List<TState?> states = [];

    public int Count => keys.Count;

    /// <summary>Longest untouched first.</summary>
    public IEnumerable<(string Key, TState State)> All
    {
        get
        {
            for (var slot = keys.Oldest; slot != KeySlots.None; slot = keys.NewerThan(slot))
                yield return (keys.TextOf(slot), states[slot]!);
        }
    }

    public TState? Find(string key) =>
        keys.Find(key) is var slot and not KeySlots.None ? states[slot] : null;

    /// <summary>The key's state, touched; the key that had to go for it, or null.</summary>
    public TState Touch(RuleKey key, Func<TState> create, out (string Key, TState State)? dropped)
    {
        dropped = null;
        var slot = keys.Find(key.Text);
        if (slot != KeySlots.None)
        {
            keys.Touch(slot);
            return states[slot]!;
        }
        if (keys.IsFull)
        {
            dropped = (keys.TextOf(keys.Oldest), states[keys.Oldest]!);
            Remove(keys.Oldest);
        }
        return Add(key.Text, create());
    }

    public void Remove(string key)
    {
        if (keys.Find(key) is var slot and not KeySlots.None)
            Remove(slot);
    }

    /// <summary>Forgets keys from the longest untouched on, as long as they are over.</summary>
    public void Forget(Func<TState, bool> isOver)
    {
        while (keys.Oldest is var slot and not KeySlots.None && isOver(states[slot]!))
            Remove(slot);
    }

    public void Save(StateWriter state, Action<TState> save)
    {
        state.Write(Count);
        foreach (var (key, one) in All)
        {
            state.Write(key);
            save(one);
        }
    }

    public void Restore(StateReader state, Func<TState> restore)
    {
        for (var count = state.ReadInt(); count > 0; count--)
            Add(state.ReadText(), restore());
    }

    TState Add(string key, TState state)
    {
        var slot = keys.Add(key);
        if (slot == states.Count)
            states.Add(state);
        else
            states[slot] = state;
        return state;
    }

    void Remove(int slot)
    {
        keys.Remove(slot);
        states[slot] = null;
    }
}
