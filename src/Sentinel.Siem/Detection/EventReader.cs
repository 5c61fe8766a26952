using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Detection;

/// <summary>
/// Records as far as each can be taken alone: read, enriched, and asked which rules take it. Objects are
/// used again, so that what no rule takes leaves nothing behind. For one thread.
/// </summary>
sealed class EventReader(Normaliser normaliser, Enricher enricher, EventMatcher matcher)
{
    public void Read(ReadTask task)
    {
        normaliser.Begin(task.Alike, task.Positions);
        task.Found.Clear();
        if (task.Records is { } records)
            foreach (var record in records)
                Take(record, task);
        else
            ReadLines(task);
    }

    void ReadLines(ReadTask task)
    {
        var lines = new BlockLines(task.Block);
        while (lines.Next(out var record, out var opensObject))
        {
            var isDuplicate = record.Offset < task.DuplicateBytes;
            if (!isDuplicate || opensObject)
                normaliser.Take(record);
            if (
                opensObject
                && !normaliser.HoldsJson()
                && !BlockLines.IsWholeObject(record.Bytes.Span)
            )
                break;
            if (isDuplicate)
                task.Found.Duplicates++;
            else
                Read(task.Found);
            lines.Accept(record, opensObject);
        }
        task.Found.Rest = lines.Rest;
    }

    void Take(in ReceivedRecord record, ReadTask task)
    {
        if (record.Offset < task.DuplicateBytes)
        {
            task.Found.Duplicates++;
            return;
        }
        normaliser.Take(record);
        Read(task.Found);
    }

    void Read(FoundEvents found)
    {
        if (normaliser.Read(out var refusal) is { } read)
        {
            var before = found.Matches.Count;
            matcher.Match(enricher.EnrichPassing(read), late: false, found.Matches);
            found.Add(read.EventTime, read.Source.Lateness, found.Matches.Count - before);
        }
        else
            found.AddUnparsed(refusal.Reason);
    }
}
