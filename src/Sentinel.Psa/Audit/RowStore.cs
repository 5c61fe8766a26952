using Npgsql;
using NpgsqlTypes;
using Sentinel.Postgres.Machines;

namespace Sentinel.Psa.Audit;

/// <summary>How values stand in columns: states as snake_case words, absent as null.</summary>
static class RowStore
{
    /// <summary>InProgress is in_progress in the database, in JSON and in the diagrams.</summary>
    public static string Word<TState>(this TState state)
        where TState : struct, Enum => StateWord.Of(state);

    public static TState State<TState>(string word)
        where TState : struct, Enum => Enum.Parse<TState>(word.Replace("_", ""), ignoreCase: true);

    public static Guid? GuidOrNull(this NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? null : reader.GetGuid(ordinal);

    public static string? TextOrNull(this NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);

    public static DateTimeOffset? TimeOrNull(this NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? null : reader.GetFieldValue<DateTimeOffset>(ordinal);

    public static int? NumberOrNull(this NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? null : reader.GetInt32(ordinal);

    public static NpgsqlCommand With(this NpgsqlCommand command, params object?[] values)
    {
        foreach (var value in values)
            command.Parameters.Add(Parameter(value));
        return command;
    }

    /// <summary>Every row that it answers with.</summary>
    public static async Task<IReadOnlyList<T>> AllAsync<T>(
        this NpgsqlCommand command,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellation
    )
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<T> all = [];
        while (await reader.ReadAsync(cancellation))
            all.Add(read(reader));
        return all;
    }

    static NpgsqlParameter Parameter(object? value) =>
        value switch
        {
            DateTimeOffset time => new() { Value = time.ToUniversalTime() },
            null => new() { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Unknown },
            _ => new() { Value = value },
        };
}
