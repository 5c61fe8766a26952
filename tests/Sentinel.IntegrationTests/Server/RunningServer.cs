using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Sentinel.IntegrationTests.Support;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Organisations;
using Sentinel.Server;
using Sentinel.Server.Database;

namespace Sentinel.IntegrationTests.Server;

/// <summary>The real server on a database of its own, with an organisation and its administrator.</summary>
sealed class RunningServer : IAsyncDisposable
{
    RunningServer(TestDatabase database, RunningDatabase running, WebApplication app, Secret token)
    {
        Database = database;
        Running = running;
        App = app;
        Administrator = token;
    }

    public TestDatabase Database { get; }

    public RunningDatabase Running { get; }

    public WebApplication App { get; }

    public Secret Administrator { get; }

    public string Url => App.Urls.First();

    public static async Task<RunningServer> StartAsync(bool withPolicies = false)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var database = await TestDatabase.CreateAsync();
        await SentinelSchemas.MigrateAsync(
            database.SuperuserConnectionString,
            database.Data,
            cancellation
        );
        var token = withPolicies
            ? await FoundAsync(database, cancellation)
            : await CreateAsync(database, cancellation);
        var running = await RunningDatabase.JoinAsync(
            database.ConnectionString,
            database.Data,
            cancellation
        );
        var app = SentinelServer.Build(running, "http://127.0.0.1:0");
        await app.StartAsync(cancellation);
        return new RunningServer(database, running, app, token);
    }

    /// <summary>As migrate does it: with the shipped policies and workflows.</summary>
    static async Task<Secret> FoundAsync(TestDatabase database, CancellationToken cancellation)
    {
        await Founding.FoundAsync(
            database.SuperuserConnectionString,
            database.Data,
            Founding.Default,
            cancellation
        );
        return new Secret(await File.ReadAllTextAsync(database.Data.TokenFile, cancellation));
    }

    static async Task<Secret> CreateAsync(TestDatabase database, CancellationToken cancellation)
    {
        var created = await new CreateOrganisation(database.Data, TimeProvider.System).RunAsync(
            database.SuperuserConnectionString,
            new NewOrganisation("Example", "lab", "admin@example.org", "Administrator"),
            cancellation
        );
        return Assert.IsType<CreateOrganisationOutcome.Created>(created).AdministratorToken;
    }

    public HttpClient Client(string? token = null)
    {
        var client = new HttpClient { BaseAddress = new Uri(Url) };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Bearer",
                token
            );
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
        await Running.DisposeAsync();
        await Database.DisposeAsync();
    }
}

/// <summary>For tests that leave it as they found it.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    internal RunningServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
