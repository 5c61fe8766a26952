namespace Sentinel.Siem.Correlation;

/// <summary>
/// State for each key, newest touched last; at the limit the key that was untouched longest goes, and the
/// caller is told. Of a key its text alone is kept: there may be a million.
/// </summary>
sealed class KeyedStates<TState>(int keysMax)
    where TState : class
{
    readonly Dictionary<string, Entry> byKey = new(StringComparer.Ordinal);
    Entry? oldest;
    Entry? newest;

    public sealed class Entry(string key, TState state)
    {
        public string Key => key;

        public TState State { get; set; } = state;

        internal Entry? Before { get; set; }

        internal Entry? After { get; set; }
    }

    public int Count => byKey.Count;

    /// <summary>Longest untouched first.</summary>
    public IEnumerable<Entry> All
    {
        get
        {
            for (var entry = oldest; entry is not null; entry = entry.After)
                yield return entry;
        }
    }

    public TState? Find(string key) => byKey.GetValueOrDefault(key)?.State;

    /// <summary>The key's state, touched; the key that had to go for it, or null.</summary>
    public Entry Touch(RuleKey key, Func<TState> create, out Entry? dropped)
    {
        dropped = null;
        if (byKey.TryGetValue(key.Text, out var entry))
        {
            if (entry == newest)
                return entry;
            Unlink(entry);
            Append(entry);
            return entry;
        }
        if (byKey.Count >= keysMax)
        {
            dropped = oldest!;
            Remove(dropped.Key);
        }
        return Add(key.Text, create());
    }

    public void Remove(string key)
    {
        if (byKey.Remove(key, out var entry))
            Unlink(entry);
    }

    /// <summary>Forgets keys from the longest untouched on, as long as they are over.</summary>
    public void Forget(Func<TState, bool> isOver)
    {
        while (oldest is { } entry && isOver(entry.State))
            Remove(entry.Key);
    }

    public void Save(StateWriter state, Action<TState> save)
    {
        state.Write(Count);
        foreach (var entry in All)
        {
            state.Write(entry.Key);
            save(entry.State);
        }
    }

    public void Restore(StateReader state, Func<TState> restore)
    {
        for (var count = state.ReadInt(); count > 0; count--)
            Add(state.ReadText(), restore());
    }

    Entry Add(string key, TState state)
    {
        var entry = new Entry(key, state);
        byKey.Add(key, entry);
        Append(entry);
        return entry;
    }

    void Append(Entry entry)
    {
        entry.Before = newest;
        if (newest is null)
            oldest = entry;
        else
            newest.After = entry;
        newest = entry;
    }

    void Unlink(Entry entry)
    {
        if (entry.Before is null)
            oldest = entry.After;
        else
            entry.Before.After = entry.After;
        if (entry.After is null)
            newest = entry.Before;
        else
            entry.After.Before = entry.Before;
        entry.Before = entry.After = null;
    }
}
