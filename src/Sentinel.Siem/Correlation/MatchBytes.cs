using System.Buffers;

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
    byte[] last = [];
    byte[]? spare;
    int end;
    int at;

    public int Count { get; private set; }

    /// <summary>Hits of other rules are not for bytes.</summary>
    public void Enqueue(in RuleMatch match)
    {
        written.ResetWrittenCount();
        written.WriteNumber((ulong)match.Rule);
        written.WriteNumber((ulong)match.Selector << 1 | (match.More ? 1UL : 0));
        written.WriteNumber((ulong)match.Key.Parts.Count);
        foreach (var part in match.Key.Parts)
            written.WriteText(part);
        EventsOf(match.Rule, match.Event.SlotsCount).Write(match.Event, written);
        var bytes = written.WrittenSpan;
        if (end + bytes.Length > last.Length)
            Begin(bytes.Length);
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

    EventBytes EventsOf(int rule, int slotsCount)
    {
        while (rule >= byRule.Count)
            byRule.Add(null);
        return byRule[rule] ??= new EventBytes(slotsCount, [.. Enumerable.Range(0, slotsCount)]);
    }

    void Begin(int bytesLeast)
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
