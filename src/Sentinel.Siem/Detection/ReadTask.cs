using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Detection;

/// <summary>A part of a file to be read, by whoever comes first to it.</summary>
sealed class ReadTask(RawEvent alike, RecordPositions positions, long duplicateBytes)
{
    readonly object finished = new();
    int claimed = 1;
    volatile bool isDone;

    public RawEvent Alike => alike;

    public RecordPositions Positions => positions;

    /// <summary>Records that begin before this place were delivered by another file.</summary>
    public long DuplicateBytes => duplicateBytes;

    public LineBlock Block { get; } = new();

    /// <summary>Records that were cut already, in place of the block.</summary>
    public IReadOnlyList<ReceivedRecord>? Records { get; set; }

    public FoundEvents Found { get; } = new();

    public bool IsDone => isDone;

    /// <summary>True for one caller alone.</summary>
    public bool Claim() => Interlocked.Exchange(ref claimed, 1) == 0;

    /// <summary>
    /// What is to be read stands in the task. Only now may it be claimed: somebody may still hold it from
    /// the time before.
    /// </summary>
    public void MakeReady()
    {
        isDone = false;
        Volatile.Write(ref claimed, 0);
    }

    public void Run(EventReader reader)
    {
        reader.Read(this);
        SayDone();
    }

    /// <summary>Nobody need wait: it failed.</summary>
    public void Abandon() => SayDone();

    void SayDone()
    {
        lock (finished)
        {
            isDone = true;
            Monitor.PulseAll(finished);
        }
    }

    public void AwaitDone()
    {
        lock (finished)
            while (!isDone)
                Monitor.Wait(finished);
    }
}
