using System.Buffers;

namespace Sentinel.Siem.Correlation;

/// <summary>The few events of each key, in the key's slot, as bytes.</summary>
sealed class FewEvents(EventBytes bytes)
{
    readonly ByteCells cells = new();
    readonly Chunks<ByteChain> ofSlot = new();
    readonly ArrayBufferWriter<byte> written = new();
    byte[] read = new byte[256];

    /// <summary>Valid until the next call.</summary>
    public ReadOnlySpan<byte> Of(int slot)
    {
        if (slot >= ofSlot.Count)
            return [];
        var chain = ofSlot[slot];
        if (read.Length < chain.Length)
            read = new byte[chain.Length * 2];
        var events = read.AsSpan(0, chain.Length);
        cells.Read(chain, events);
        return events;
    }

    /// <summary>Adds an event, and forgets the first bytes of what <see cref="Of"/> gave last.</summary>
    public void Add(int slot, HeldEvent held, int forgotten = 0)
    {
        while (slot >= ofSlot.Count)
            ofSlot.Add(ByteCells.Empty);
        ref var chain = ref ofSlot[slot];
        if (forgotten > 0)
        {
            var left = read.AsSpan(forgotten, chain.Length - forgotten);
            cells.Free(ref chain);
            cells.Append(ref chain, left);
        }
        written.ResetWrittenCount();
        bytes.Write(held, written);
        cells.Append(ref chain, written.WrittenSpan);
    }

    public void Forget(int slot)
    {
        if (slot < ofSlot.Count)
            cells.Free(ref ofSlot[slot]);
    }
}
