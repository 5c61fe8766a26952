using Npgsql;
using NpgsqlTypes;

namespace Sentinel.Siem.Ingestion;

/// <summary>NULL where there is nothing: what COPY needs said and Npgsql does not say.</summary>
static class CopyStore
{
    public static Task WriteNullableAsync<T>(
        this NpgsqlBinaryImporter writer,
        T? value,
        CancellationToken cancellation
    )
        where T : struct =>
        value is { } there
            ? writer.WriteAsync(there, cancellation)
            : writer.WriteNullAsync(cancellation);

    public static Task WriteNullableAsync<T>(
        this NpgsqlBinaryImporter writer,
        T? value,
        NpgsqlDbType type,
        CancellationToken cancellation
    )
        where T : class =>
        value is null
            ? writer.WriteNullAsync(cancellation)
            : writer.WriteAsync(value, type, cancellation);
}
