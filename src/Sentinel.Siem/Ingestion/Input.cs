using System.Text;

namespace Sentinel.Siem.Ingestion;

public enum InputKind
{
    File,
    Http,
    Syslog,
}

/// <summary>One stream of records from a source: a file, a request, a connection.</summary>
public sealed record Input(Guid Id, Guid SourceId, InputKind Kind, string Name)
{
    /// <summary>A file is known by its first position, so that its path may change.</summary>
    public static Input File(Guid sourceId, in Digest firstPosition, string path) =>
        new(Derived(sourceId, "file", firstPosition.Bytes), sourceId, InputKind.File, path);

    /// <summary>A request is known by its idempotency key.</summary>
    public static Input Http(Guid sourceId, string idempotencyKey) =>
        new(
            Derived(sourceId, "http", Encoding.UTF8.GetBytes(idempotencyKey)),
            sourceId,
            InputKind.Http,
            idempotencyKey
        );

    /// <summary>Where a request's record stands: its idempotency key and index.</summary>
    public static Digest HttpPosition(string idempotencyKey, long index) =>
        Digest.Of(Encoding.UTF8.GetBytes($"http\n{index}\n{idempotencyKey}"));

    static Guid Derived(Guid sourceId, string kind, ReadOnlySpan<byte> identity) =>
        DerivedId.From(
            DateTimeOffset.UnixEpoch,
            [.. sourceId.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(kind), .. identity]
        );
}

/// <summary>The registration of who sends: its id goes into every derived id, its name may change.</summary>
public sealed record SourceRegistration(Guid Id, string Name, string SourceSystem);
