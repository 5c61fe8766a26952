using Microsoft.Extensions.DependencyInjection;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Server;
using Sentinel.Server.Database;
using Serilog;

namespace Sentinel.Cli.Sessions;

/// <summary>
/// A database, who is asking, and every use case, for as long as a command runs. The private
/// PostgreSQL is started where it is needed and stops with the last command that uses it.
/// </summary>
sealed class CommandSession : IAsyncDisposable
{
    const string TokenVariable = "SENTINEL_TOKEN";

    readonly RunningDatabase running;
    readonly ServiceProvider services;

    CommandSession(RunningDatabase running)
    {
        this.running = running;
        services = new ServiceCollection()
            .AddLogging(logging => logging.AddSerilog(Log.Logger))
            .AddSentinel(running)
            .BuildServiceProvider();
    }

    public DataDirectory Data => running.Data;

    /// <summary>From SENTINEL_TOKEN, else from the file <c>token</c> of the data directory.</summary>
    /// <exception cref="OperationFailedException">There is neither.</exception>
    public Secret Secret
    {
        get
        {
            if (Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } token)
                return new Secret(token.Trim());
            return File.Exists(Data.TokenFile)
                ? new Secret(File.ReadAllText(Data.TokenFile).Trim())
                : throw new OperationFailedException(
                    $"Nobody is signed in: set {TokenVariable}, or write your token to "
                        + $"{Data.TokenFile}."
                );
        }
    }

    public static async Task<CommandSession> OpenAsync(CancellationToken cancellation)
    {
        var data = DataDirectory.FromEnvironment();
        ServerLog.Start(data, toConsole: false);
        return new CommandSession(await RunningDatabase.StartAsync(data, cancellation));
    }

    /// <summary>On a database that the caller started and stops.</summary>
    public static CommandSession On(RunningDatabase running) => new(running);

    public T Use<T>()
        where T : notnull => services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await running.DisposeAsync();
    }
}
