using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Detection;

/// <summary>
/// How many records at the beginning of each file an earlier one has already delivered. Positions are
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

    static long Common(string path, string other)
    {
        using var file = DetectFiles.Open(path);
        using var otherFile = DetectFiles.Open(other);
        var (reader, otherReader) = (new RecordReader(file), new RecordReader(otherFile));
        for (var common = 0L; ; )
        {
            var records = reader.Read(BatchRecordsMax);
            var others = otherReader.Read(BatchRecordsMax);
            var count = Math.Min(records.Count, others.Count);
            for (var i = 0; i < count; i++, common++)
                if (!records[i].Bytes.Span.SequenceEqual(others[i].Bytes.Span))
                    return common;
            if (count < BatchRecordsMax)
                return common;
        }
    }
}
