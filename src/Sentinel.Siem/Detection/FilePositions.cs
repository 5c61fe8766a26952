using System.Security.Cryptography;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Detection;

/// <summary>
/// The positions of a file's records, by where they begin in it; found by reading it again as far as
/// somebody asks. They chain, and hashing every record costs more than all else that is done with it,
/// while most files hold nothing to cite.
/// </summary>
sealed class FilePositions(string path) : RecordPositions
{
    const int BatchRecordsMax = 1024;

    readonly Lock reading = new();
    readonly List<long> offsets = [];
    readonly List<Digest> known = [];
    RecordReader? reader;
    FileStream? file;
    Digest last;

    /// <param name="index">Where the record begins.</param>
    public override Digest Of(long index)
    {
        lock (reading)
        {
            while (offsets.Count == 0 || offsets[^1] < index)
                ReadOn();
            var place = offsets.BinarySearch(index);
            return place >= 0 ? known[place] : throw Changed();
        }
    }

    public void Close()
    {
        lock (reading)
            file?.Dispose();
    }

    void ReadOn()
    {
        file ??= DetectFiles.Open(path);
        reader ??= new RecordReader(file);
        var records = reader.Read(BatchRecordsMax);
        if (records.Count == 0)
            throw Changed();
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var record in records)
        {
            last = Digest.Chain(last, Digest.Of(record.Bytes.Span, sha), sha);
            known.Add(last);
            offsets.Add(record.Offset);
        }
    }

    IOException Changed() => new($"{path} changed while it was read.");
}
