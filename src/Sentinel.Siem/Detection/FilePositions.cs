using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Detection;

/// <summary>
/// The positions of a file's records, found by reading it again as far as somebody asks. They chain, and
/// hashing every record would cost more than detection does; most files hold nothing to cite.
/// </summary>
sealed class FilePositions(string path) : RecordPositions
{
    const int BatchRecordsMax = 1024;

    readonly Lock reading = new();
    readonly List<Digest> known = [];
    IReadOnlyList<ReceivedRecord> read = [];
    RecordReader? reader;
    FileStream? file;
    int next;

    public override Digest Of(long index)
    {
        lock (reading)
        {
            while (known.Count <= index)
                Advance();
            return known[(int)index];
        }
    }

    void Advance()
    {
        if (next == read.Count)
        {
            file ??= DetectFiles.Open(path);
            reader ??= new RecordReader(file);
            (read, next) = (reader.Read(BatchRecordsMax), 0);
            if (read.Count == 0)
                throw new IOException($"{path} became shorter while it was read.");
        }
        var hash = Digest.Of(read[next++].Bytes.Span);
        known.Add(Digest.Chain(known.Count == 0 ? Digest.Zero : known[^1], hash));
    }

    public void Close() => file?.Dispose();
}
