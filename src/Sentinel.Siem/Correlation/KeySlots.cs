using System.Buffers;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// A slot for each key, newest touched last; at the limit the key that was untouched longest goes. Slots
/// are used again. Of a key its text alone is kept, as bytes: there may be a million.
/// </summary>
sealed class KeySlots(int keysMax)
{
    public const int None = -1;

    const int BucketsMin = 4;

    readonly Chunks<Key> keys = new();
    readonly ByteCells texts = new();
    int[] buckets = [];
    readonly ArrayBufferWriter<byte> asked = new();
    int free = None;
    int newest = None;

    struct Key
    {
        public int Hash;

        /// <summary>In the same bucket, or among the free.</summary>
        public int Next;
        public int Older;
        public int Newer;
        public ByteChain Text;
    }

    public int Count { get; private set; }

    /// <summary>The longest untouched, or <see cref="None"/>.</summary>
    public int Oldest { get; private set; } = None;

    public int NewerThan(int slot) => keys[slot].Newer;

    public int Find(string text)
    {
        if (Count == 0)
            return None;
        var hash = text.GetHashCode();
        var bytes = Bytes(text);
        var slot = buckets[hash & (buckets.Length - 1)] - 1;
        while (slot != None && !(keys[slot].Hash == hash && texts.Equals(keys[slot].Text, bytes)))
            slot = keys[slot].Next;
        return slot;
    }

    /// <summary>There is room for one more, once <see cref="Oldest"/> is removed.</summary>
    public bool IsFull => Count >= keysMax;

    /// <summary>The key is now the newest.</summary>
    public void Touch(int slot)
    {
        if (slot == newest)
            return;
        Unlink(slot);
        Link(slot);
    }

    /// <summary>A slot for a key that has none.</summary>
    public int Add(string text)
    {
        if (Count == buckets.Length)
            Widen();
        var hash = text.GetHashCode();
        var chain = ByteCells.Empty;
        texts.Append(ref chain, Bytes(text));
        var slot = free;
        if (slot == None)
            slot = keys.Add(default);
        else
            free = keys[slot].Next;
        ref var key = ref keys[slot];
        (key.Hash, key.Text) = (hash, chain);
        Chain(slot);
        Link(slot);
        Count++;
        return slot;
    }

    public void Remove(int slot)
    {
        ref var key = ref keys[slot];
        ref var place = ref buckets[key.Hash & (buckets.Length - 1)];
        if (place == slot + 1)
            place = key.Next + 1;
        else
        {
            var before = place - 1;
            while (keys[before].Next != slot)
                before = keys[before].Next;
            keys[before].Next = key.Next;
        }
        texts.Free(ref key.Text);
        Unlink(slot);
        (key.Next, free) = (free, slot);
        Count--;
    }

    public string TextOf(int slot)
    {
        var chain = keys[slot].Text;
        Span<byte> bytes = new byte[chain.Length];
        texts.Read(chain, bytes);
        return new PackedReader(bytes).ReadText();
    }

    // Valid until the next call.
    ReadOnlySpan<byte> Bytes(string text)
    {
        asked.ResetWrittenCount();
        asked.WriteText(text);
        return asked.WrittenSpan;
    }

    void Widen()
    {
        buckets = new int[Math.Max(BucketsMin, buckets.Length * 2)];
        for (var slot = Oldest; slot != None; slot = keys[slot].Newer)
            Chain(slot);
    }

    void Chain(int slot)
    {
        ref var place = ref buckets[keys[slot].Hash & (buckets.Length - 1)];
        keys[slot].Next = place - 1;
        place = slot + 1;
    }

    void Link(int slot)
    {
        (keys[slot].Older, keys[slot].Newer) = (newest, None);
        if (newest == None)
            Oldest = slot;
        else
            keys[newest].Newer = slot;
        newest = slot;
    }

    void Unlink(int slot)
    {
        var (older, newer) = (keys[slot].Older, keys[slot].Newer);
        if (older == None)
            Oldest = newer;
        else
            keys[older].Newer = newer;
        if (newer == None)
            newest = older;
        else
            keys[newer].Older = older;
    }
}
