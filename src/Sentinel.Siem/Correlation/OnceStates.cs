namespace Sentinel.Siem.Correlation;

/// <summary>What <c>once per</c> of one rule remembers: the last finding for its values.</summary>
sealed class OnceStates(Partitions partitions, int keysMax)
{
    readonly KeyedStates<OnceState>[] states =
    [
        .. Enumerable.Range(0, partitions.Count).Select(_ => new KeyedStates<OnceState>(keysMax)),
    ];

    public KeyedStates<OnceState> Of(RuleKey key) => states[partitions.Of(key)];

    public void Save(StateWriter state)
    {
        foreach (var partition in states)
            partition.Save(
                state,
                entry =>
                {
                    state.Write(entry.Raised);
                    state.Write(entry.FindingId);
                }
            );
    }

    public void Restore(StateReader state)
    {
        foreach (var partition in states)
            partition.Restore(state, () => new OnceState(state.ReadTime(), state.ReadId()));
    }
}

sealed record OnceState(DateTimeOffset Raised, Guid FindingId);
