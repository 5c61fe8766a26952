using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Detection;

/// <summary>
/// How many bytes at the beginning of each file hold records that an earlier one has already delivered. Positions are
/// chained, so two files share positions exactly as far as they begin alike.
/// </summary>
static class SharedBeginnings
{
    const int BatchRecordsMax = 1024;

    public static long[] Of(IReadOnlyList<string> paths)
    {
        var shared = new long[paths.Count];
        var firsts = paths.Select(First).ToArray();
        for (var i = 1; i < paths.Count; i++)
        for (var j = 0; j < i; j++)
            if (firsts[i] is { } first && first == firsts[j])
                shared[i] = Math.Max(shared[i], Common(paths[i], paths[j]));
        return shared;
    }

    static Digest? First(string path)
    {
        using var file = DetectFiles.Open(path);
        var records = new RecordReader(file).Read(1);
        return records.Count == 0 ? null : Digest.Of(records[0].Bytes.Span);
    }

    /// <summary>Where the first record begins that the files do not share.</summary>
    static long Common(string path, string other)
    {
        using var file = DetectFiles.Open(path);
        using var otherFile = DetectFiles.Open(other);
        var (reader, otherReader) = (new RecordReader(file), new RecordReader(otherFile));
        while (true)
        {
            var records = reader.Read(BatchRecordsMax);
            var others = otherReader.Read(BatchRecordsMax);
            for (var i = 0; i < records.Count; i++)
                if (i >= others.Count || !records[i].Bytes.Span.SequenceEqual(others[i].Bytes.Span))
                    return records[i].Offset;
            if (records.Count < BatchRecordsMax)
                return long.MaxValue;
        }
    }
}
