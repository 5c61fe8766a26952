using System.Net.Sockets;
using Npgsql;

namespace Sentinel.Postgres;

/// <summary>
/// Reads connection strings, and says in one sentence why a connection failed. No message holds a
/// password, or any part of a text that could be one.
/// </summary>
static class ConnectionText
{
    public const string Variable = "SENTINEL_DATABASE";

    const string Example = "Host=db.example.org;Database=sentinel;Username=…;Password=…";

    public static NpgsqlConnectionStringBuilder Read(string connectionString)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception wrong)
            when (wrong is ArgumentException or FormatException or InvalidCastException)
        {
            // The inner exception is dropped on purpose: it may quote what was given.
            throw new OperationFailedException(
                $"{Variable} is not an Npgsql connection string; it looks like '{Example}'."
            );
        }
        if (string.IsNullOrEmpty(settings.Host) || string.IsNullOrEmpty(settings.Database))
            throw new OperationFailedException(
                $"{Variable} names no host or no database; it looks like '{Example}'."
            );
        return settings;
    }

    /// <summary>Opens and closes one connection, so that what is wrong is said at the start.</summary>
    public static async Task CheckAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
        }
        catch (Exception failure) when (failure is NpgsqlException or SocketException)
        {
            throw Explain(failure, new NpgsqlConnectionStringBuilder(database.ConnectionString));
        }
    }

    public static OperationFailedException Explain(
        Exception failure,
        NpgsqlConnectionStringBuilder settings
    )
    {
        var place = $"'{settings.Database}' at {settings.Host}:{settings.Port}";
        var reason = failure is PostgresException refused
            ? Refusal(refused, settings)
            : $"nothing answers there ({Cause(failure, settings)}); "
                + $"start PostgreSQL or correct {Variable}";
        return new OperationFailedException($"No database {place}: {reason}.", failure);
    }

    static string Refusal(PostgresException refused, NpgsqlConnectionStringBuilder settings) =>
        refused.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword
            or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                $"it refuses user '{settings.Username}' with the password given; "
                    + $"run ./sentinel migrate, or correct {Variable}",
            PostgresErrorCodes.InvalidCatalogName =>
                "the server has no database of that name; run ./sentinel migrate",
            PostgresErrorCodes.CannotConnectNow => "the server is starting or stopping; try again",
            PostgresErrorCodes.TooManyConnections =>
                "the server has no connection left; raise its max_connections",
            PostgresErrorCodes.InsufficientPrivilege =>
                $"user '{settings.Username}' may not connect; run ./sentinel migrate",
            _ => $"the server says '{refused.MessageText}' ({refused.SqlState})",
        };

    static string Cause(Exception failure, NpgsqlConnectionStringBuilder settings)
    {
        // .NET's words for a socket's file that is not there would puzzle anybody.
        if (
            settings.Host!.StartsWith('/')
            && !File.Exists($"{settings.Host}/.s.PGSQL.{settings.Port}")
        )
            return "no server has its socket there";
        while (failure.InnerException is { } inner)
            failure = inner;
        return failure.Message.TrimEnd('.');
    }
}
