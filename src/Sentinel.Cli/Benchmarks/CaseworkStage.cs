using Npgsql;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Postgres.Embedded;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Organisations;
using Sentinel.Server.Database;

namespace Sentinel.Cli.Benchmarks;

/// <summary>A private PostgreSQL with an analyst and any number of open cases, for measuring.</summary>
sealed class CaseworkStage : IAsyncDisposable
{
    readonly RunningDatabase running;
    readonly NpgsqlConnection superuser;

    CaseworkStage(RunningDatabase running, EmbeddedPostgres server, NpgsqlConnection superuser)
    {
        this.running = running;
        Server = server;
        this.superuser = superuser;
    }

    public EmbeddedPostgres Server { get; }
    public SentinelDatabase Database => running.Database;
    public DataDirectory Data => running.Data;
    public Secret Analyst { get; private set; }
    public Guid OrganisationId { get; private set; }

    public static async Task<CaseworkStage> OpenAsync(string folder, CancellationToken cancellation)
    {
        var data = new DataDirectory(folder);
        var running = await RunningDatabase.StartPrivateAsync(data, cancellation);
        var server = await EmbeddedPostgres.StartAsync(data, cancellation: cancellation);
        var superuser = new NpgsqlConnection(server.SuperuserConnectionString);
        await superuser.OpenAsync(cancellation);
        var stage = new CaseworkStage(running, server, superuser);
        var administrator = new Secret(
            (await File.ReadAllTextAsync(data.TokenFile, cancellation)).Trim()
        );
        var analyst = Done(
            await new CreateUser(stage.Database, TimeProvider.System).RunAsync(
                administrator,
                "bench@example.org",
                "Bench",
                [RoleSeeds.Analyst],
                cancellation
            )
        );
        // Somebody must be left to attest and to close.
        Done(
            await new CreateUser(stage.Database, TimeProvider.System).RunAsync(
                administrator,
                "manager@example.org",
                "Manager",
                [RoleSeeds.IncidentManager],
                cancellation
            )
        );
        stage.Analyst = Done(
            await new IssueCredential(stage.Database, TimeProvider.System).RunAsync(
                administrator,
                new CredentialHolder.ForPerson(analyst),
                TimeSpan.FromDays(1),
                cancellation
            )
        ).Secret;
        stage.OrganisationId = await stage.AskAsync<Guid>(
            $"SELECT organisation_id FROM psa.users WHERE id = '{analyst}'",
            cancellation
        );
        return stage;
    }

    /// <summary>Open cases as they would be, past the triggers: making them is not measured.</summary>
    public async Task FillAsync(int cases, CancellationToken cancellation) =>
        await RunAsync(
            """
            ALTER TABLE psa.cases DISABLE TRIGGER ALL;
            INSERT INTO psa.cases (id, organisation_id, number, case_type, source_system, severity,
                summary, opened_at, opened_by, correlation_id)
            SELECT gen_random_uuid(), '<0>', base + n, 'incident', 'manual', 5,
                'Case ' || n, now(), (SELECT id FROM psa.users WHERE email = 'bench@example.org'),
                gen_random_uuid()
            FROM generate_series(1, <1> - (SELECT count(*)::int FROM psa.cases)) AS n,
                (SELECT coalesce(max(number), 0) AS base FROM psa.cases) AS before;
            ALTER TABLE psa.cases ENABLE TRIGGER ALL;
            ANALYZE psa.cases
            """.Replace("<0>", $"{OrganisationId}", StringComparison.Ordinal).Replace(
                "<1>",
                $"{cases}",
                StringComparison.Ordinal
            ),
            cancellation
        );

    public async Task<IReadOnlyList<Guid>> OpenCasesAsync(int count, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"SELECT id FROM psa.cases WHERE status = 'open' LIMIT {count}",
            superuser
        );
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<Guid> ids = [];
        while (await reader.ReadAsync(cancellation))
            ids.Add(reader.GetGuid(0));
        return ids;
    }

    public async Task RunAsync(string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, superuser) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<T> AskAsync<T>(string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, superuser) { CommandTimeout = 0 };
        return (T)(await command.ExecuteScalarAsync(cancellation))!;
    }

    static T Done<T>(Outcome<T> outcome) =>
        outcome.Match(
            value => value,
            missing => throw new OperationFailedException(missing + " is missing"),
            refusal => throw new OperationFailedException(refusal.ToString())
        );

    public async ValueTask DisposeAsync()
    {
        await superuser.DisposeAsync();
        await running.DisposeAsync();
        await Server.DisposeAsync();
    }
}
