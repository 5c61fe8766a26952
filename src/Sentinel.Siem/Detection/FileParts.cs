using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Detection;

/// <summary>
/// One file part by part, in order, some of them read ahead. Blocks of lines where each line is a record of
/// its own; from the first that is not on, batches of records that are cut one after the other.
/// </summary>
sealed class FileParts : IDisposable
{
    const int BatchRecordsMax = 1024;

    readonly string path;
    readonly ReaderPool pool;
    readonly RawEvent alike;
    readonly long duplicateBytes;
    readonly int aheadMax;
    readonly FileStream stream;
    readonly FilePositions positions;
    readonly BlockReader blocks;
    readonly Queue<ReadTask> begun = new();
    readonly Stack<ReadTask> spare = new();
    RecordReader? records;
    RecordPlace recordsFrom;

    /// <param name="aheadMax">How many parts are read ahead of the one that is asked for.</param>
    public FileParts(
        string path,
        RawEvent alike,
        long duplicateBytes,
        int aheadMax,
        ReaderPool pool,
        int blockBytes
    )
    {
        (this.path, this.alike, this.duplicateBytes) = (path, alike, duplicateBytes);
        (this.aheadMax, this.pool) = (aheadMax, pool);
        stream = DetectFiles.Open(path);
        positions = new FilePositions(path, Math.Min(blockBytes, FilePositions.BlockBytes));
        blocks = new BlockReader(stream, blockBytes, RecordPlace.Start);
    }

    /// <summary>Bytes that were read so far, of the parts read ahead too.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Gives what the next part holds; false at the end.</summary>
    public bool Next(Action<FoundEvents> give)
    {
        while (begun.Count <= aheadMax && Begin() is { } ahead)
        {
            begun.Enqueue(ahead);
            pool.ReadAhead(ahead);
        }
        if (!begun.TryDequeue(out var task))
        {
            // Positions are asked for until the last hit is found.
            stream.Dispose();
            return false;
        }
        var found = pool.Finish(task);
        if (task.Records is not null)
            positions.GoOnFrom(recordsFrom);
        else
            positions.AreLinesUntil(found.Rest?.Offset ?? task.Block.End);
        give(found);
        if (found.Rest is { } rest)
            GoOnBeyondLines(rest);
        spare.Push(task);
        return true;
    }

    ReadTask? Begin()
    {
        var task = spare.TryPop(out var used) ? used : new(alike, positions, duplicateBytes);
        task.Records = null;
        var isFilled = records is null && blocks.Read(task.Block);
        if (!isFilled && records is null && blocks.Rest is { } rest)
            records = From(rest);
        if (!isFilled)
            task.Records = records?.Read(BatchRecordsMax);
        BytesRead = stream.Position;
        if (!isFilled && task.Records is not { Count: > 0 })
            return null;
        task.MakeReady();
        return task;
    }

    /// <summary>What was read ahead begins in the wrong place: all of it is read again.</summary>
    void GoOnBeyondLines(in RecordPlace rest)
    {
        foreach (var ahead in begun)
            if (!ahead.Claim())
                ahead.AwaitDone();
        begun.Clear();
        records = From(rest);
    }

    RecordReader From(in RecordPlace place)
    {
        stream.Position = place.Offset;
        recordsFrom = place;
        return new RecordReader(stream, place);
    }

    public void Dispose()
    {
        stream.Dispose();
        positions.Close();
    }
}
