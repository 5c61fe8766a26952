using System.Buffers;
using Sentinel.Siem.Enrichment;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// Matches that wait, in the order in which they came, as bytes: there are as many as events come within
/// the allowed lateness, and objects that live that long are what the collector is worst at.
/// </summary>
sealed class MatchBytes
{
    const int ChunkBytes = 64 * 1024;

    readonly Queue<(byte[] Bytes, int Length)> full = new();
    readonly List<EventBytes?> byRule = [];
    readonly ArrayBufferWriter<byte> written = new();
    readonly ArrayBufferWriter<byte> values = new();
    HeldOrigin? origin;
    byte[] last = [];
    byte[]? spare;
    int end;
    int at;

    public int Count { get; private set; }

    /// <summary>Hits of other rules are not for bytes.</summary>
    public void Enqueue(in RuleMatch match)
    {
        Begin(match.Rule, match.Selector, match.More);
        written.WriteNumber((ulong)match.Key.Parts.Count);
        foreach (var part in match.Key.Parts)
            written.WriteText(part);
        EventsOf(match.Rule, match.Event.SlotsCount).Write(match.Event, written);
        Keep();
    }

    /// <summary>
    /// That one selector of a rule takes the event, without an object for it; nothing where it has no key.
    /// </summary>
    public void Enqueue(RuleMatcher rule, int selector, EnrichedEvent enriched, bool late)
    {
        Begin(rule.Index, selector, more: false);
        if (!rule.TryWriteKey(selector, enriched, written))
            return;
        values.ResetWrittenCount();
        rule.WriteValues(enriched, values);
        EventsOf(rule.Index, rule.SlotsCount)
            .Write(RuleMatcher.HeadOf(enriched, late, ref origin), values.WrittenSpan, written);
        Keep();
    }

    void Begin(int rule, int selector, bool more)
    {
        written.ResetWrittenCount();
        written.WriteNumber((ulong)rule);
        written.WriteNumber((ulong)selector << 1 | (more ? 1UL : 0));
    }

    void Keep()
    {
        var bytes = written.WrittenSpan;
        if (end + bytes.Length > last.Length)
            BeginChunk(bytes.Length);
        bytes.CopyTo(last.AsSpan(end));
        end += bytes.Length;
        Count++;
    }

    public RuleMatch Dequeue()
    {
        var (bytes, length) = full.TryPeek(out var first) ? first : (last, end);
        var reader = new PackedReader(bytes.AsSpan(at, length - at));
        var rule = (int)reader.ReadNumber();
        var selector = reader.ReadNumber();
        var parts = new string[(int)reader.ReadNumber()];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = reader.ReadText();
        var held = byRule[rule]!.Read(ref reader);
        at += reader.At;
        Count--;
        if (at == length)
            Leave();
        return new RuleMatch(
            rule,
            (int)(selector >> 1),
            RuleKey.Of(parts),
            held,
            (selector & 1) != 0
        );
    }

    public void Clear()
    {
        full.Clear();
        (end, at, Count) = (0, 0, 0);
    }

    EventBytes EventsOf(int rule, int slotsCount)
    {
        while (rule >= byRule.Count)
            byRule.Add(null);
        return byRule[rule] ??= new EventBytes(slotsCount, [.. Enumerable.Range(0, slotsCount)]);
    }

    void BeginChunk(int bytesLeast)
    {
        if (end > 0)
            full.Enqueue((last, end));
        last = spare?.Length >= bytesLeast ? spare : new byte[Math.Max(ChunkBytes, bytesLeast)];
        (spare, end) = (null, 0);
    }

    /// <summary>Everything in the first chunk has been taken: it may be filled again.</summary>
    void Leave()
    {
        at = 0;
        if (full.TryDequeue(out var first))
            spare = first.Bytes.Length == ChunkBytes ? first.Bytes : spare;
        else
            end = 0;
    }
}
