using Npgsql;

namespace Sentinel.Postgres.Access;

/// <summary>
/// One transaction in which a credential has been presented: row-level security, triggers and the
/// audit log know the actor from here, and from nothing else. Rolls back unless committed.
/// </summary>
public sealed class PresentedTransaction : IAsyncDisposable
{
    PresentedTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction, Actor actor)
    {
        Connection = connection;
        Transaction = transaction;
        Actor = actor;
    }

    public NpgsqlConnection Connection { get; }

    public NpgsqlTransaction Transaction { get; }

    public Actor Actor { get; }

    /// <exception cref="CredentialRefusedException">
    /// The credential is unknown, expired, revoked, or its holder may do nothing.
    /// </exception>
    public static async Task<PresentedTransaction> BeginAsync(
        NpgsqlDataSource database,
        Secret secret,
        CancellationToken cancellation
    )
    {
        var connection = await database.OpenConnectionAsync(cancellation);
        try
        {
            var transaction = await connection.BeginTransactionAsync(cancellation);
            var actor = await PresentAsync(connection, secret, cancellation);
            return new PresentedTransaction(connection, transaction, actor);
        }
        catch (PostgresException refused)
            when (refused.SqlState == PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            await connection.DisposeAsync();
            await NoteAsync(database, secret, refused.MessageText, cancellation);
            throw new CredentialRefusedException(refused.MessageText);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    // In a transaction of its own: the one in which it was tried is gone.
    static async Task NoteAsync(
        NpgsqlDataSource database,
        Secret secret,
        string reason,
        CancellationToken cancellation
    )
    {
        await using var command = database.CreateCommand(
            "SELECT access.note_refused_credential($1, $2)"
        );
        command.Parameters.AddWithValue(secret.Value);
        command.Parameters.AddWithValue(reason);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public NpgsqlCommand Command(string sql) => new(sql, Connection, Transaction);

    public Task CommitAsync(CancellationToken cancellation) =>
        Transaction.CommitAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await Transaction.DisposeAsync();
        await Connection.DisposeAsync();
    }

    static async Task<Actor> PresentAsync(
        NpgsqlConnection connection,
        Secret secret,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT actor_id, actor_kind, organisation_id, credential_id, on_behalf_of
            FROM access.present($1)
            """;
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(secret.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new Actor(
            reader.GetGuid(0),
            reader.GetString(1) == "person" ? ActorKind.Person : ActorKind.Machine,
            reader.GetGuid(2),
            reader.GetGuid(3),
            await reader.IsDBNullAsync(4, cancellation) ? null : reader.GetGuid(4)
        );
    }
}

/// <summary>The presented credential opens nothing; the message says why and what to do.</summary>
public sealed class CredentialRefusedException(string message) : Exception(message);
