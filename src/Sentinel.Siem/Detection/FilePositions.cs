using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Detection;

/// <summary>
/// The positions of a file's records, by where they begin in it; found by reading it again as far as
/// somebody asks. They chain over every record, most files hold nothing to cite, and what an event keeps
/// is its place alone.
/// </summary>
sealed class FilePositions(string path, int blockBytes) : RecordPositions
{
    public const int BlockBytes = 64 * 1024;

    const int BatchRecordsMax = 1024;
    const int BlocksKeptMax = 16;

    readonly Lock reading = new();
    readonly List<long> begins = [0];
    readonly List<(RecordPlace Place, Digest Before)> blocks = [(RecordPlace.Start, Digest.Zero)];
    readonly Dictionary<int, PositionBlock> kept = [];
    readonly Queue<int> keptInOrder = new();
    readonly LineBlock bytes = new();
    FileStream? file;
    FileStream? beyondFile;
    RecordReader? records;
    PositionBlock? beyond;
    RecordPlace? rest;
    long linesUntil;

    /// <summary>Up to here, each line that is no blank one between JSON objects is a record.</summary>
    public void AreLinesUntil(long offset)
    {
        lock (reading)
            linesUntil = offset;
    }

    /// <summary>From here on, records are what <see cref="RecordReader"/> cuts.</summary>
    public void GoOnFrom(in RecordPlace place)
    {
        lock (reading)
            (linesUntil, rest) = (place.Offset, place);
    }

    /// <param name="index">Where the record begins.</param>
    public override Digest Of(long index)
    {
        lock (reading)
        {
            file ??= DetectFiles.Open(path);
            return (index < linesUntil ? InLines(index) : Beyond(index)) ?? throw Changed();
        }
    }

    public void Close()
    {
        lock (reading)
        {
            file?.Dispose();
            beyondFile?.Dispose();
        }
    }

    Digest? InLines(long index)
    {
        while (begins[^1] <= index)
            Read(blocks.Count - 1);
        var place = begins.BinarySearch(index);
        var block = place >= 0 ? place : ~place - 1;
        return (kept.GetValueOrDefault(block) ?? Read(block)).Find(index);
    }

    /// <summary>Reads a block, and so finds out where the next one begins.</summary>
    PositionBlock Read(int number)
    {
        var (place, before) = blocks[number];
        file!.Position = place.Offset;
        if (!new BlockReader(file, blockBytes, place).Read(bytes))
            throw Changed();
        var read = new PositionBlock(
            before,
            bytes.Bytes.AsSpan(0, bytes.Length).Count((byte)'\n') + 1
        );
        var lines = new BlockLines(bytes);
        while (lines.Next(out var record, out var opensObject) && record.Offset < linesUntil)
        {
            read.Add(record);
            lines.Accept(record, opensObject);
        }
        if (lines.Place.Offset == place.Offset)
            throw Changed();
        if (number == blocks.Count - 1)
        {
            begins.Add(lines.Place.Offset);
            blocks.Add((lines.Place, read.Last));
        }
        Keep(number, read);
        return read;
    }

    void Keep(int number, PositionBlock block)
    {
        kept[number] = block;
        keptInOrder.Enqueue(number);
        if (keptInOrder.Count > BlocksKeptMax)
            kept.Remove(keptInOrder.Dequeue());
    }

    Digest? Beyond(long index)
    {
        if (rest is not { } place)
            return null;
        while (begins[^1] < place.Offset)
            Read(blocks.Count - 1);
        if (records is null || beyond is null)
        {
            beyondFile = DetectFiles.Open(path);
            beyondFile.Position = place.Offset;
            records = new RecordReader(beyondFile, place);
            beyond = new PositionBlock(blocks[^1].Before, BatchRecordsMax);
        }
        while (!beyond.Reaches(index))
        {
            var batch = records.Read(BatchRecordsMax);
            if (batch.Count == 0)
                return null;
            foreach (var record in batch)
                beyond.Add(record);
        }
        return beyond.Find(index);
    }

    IOException Changed() => new($"{path} changed while it was read.");
}

/// <summary>The positions of some records that follow one another.</summary>
sealed class PositionBlock(Digest before, int recordsExpected)
{
    readonly List<long> offsets = new(recordsExpected);
    readonly List<Digest> positions = new(recordsExpected);

    /// <summary>The position of the last record, or of the one before the first.</summary>
    public Digest Last { get; private set; } = before;

    public void Add(in ReceivedRecord record)
    {
        Last = Digest.Chain(Last, Digest.Of(record.Bytes.Span));
        offsets.Add(record.Offset);
        positions.Add(Last);
    }

    public bool Reaches(long offset) => offsets.Count > 0 && offsets[^1] >= offset;

    /// <summary>Null where no record begins there.</summary>
    public Digest? Find(long offset)
    {
        var place = offsets.BinarySearch(offset);
        return place >= 0 ? positions[place] : null;
    }
}
