using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sentinel.Postgres;
using Sentinel.Server.Api;
using Sentinel.Server.Database;
using Sentinel.Server.Studio;
using Serilog;

namespace Sentinel.Server;

/// <summary>API, workers and jobs on one database: start here to know what a server is made of.</summary>
public static class SentinelServer
{
    public const string DefaultUrls = "http://127.0.0.1:5080";

    const long RequestBytesMax = 64 * 1024 * 1024;

    /// <summary>Serves until it is told to stop.</summary>
    /// <exception cref="OperationFailedException">It could not start, and why.</exception>
    public static async Task RunAsync(
        RunningDatabase running,
        string urls,
        Action<IEnumerable<string>> started,
        CancellationToken cancellation
    )
    {
        await using var app = Build(running, urls);
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (Exception taken) when (Because<SocketException>(taken) is { } because)
        {
            await app.StopAsync(CancellationToken.None);
            throw new OperationFailedException(
                $"Cannot listen on {urls}: {because.Message.TrimEnd('.')}; "
                    + "stop what listens there, or choose another with --urls.",
                taken
            );
        }
        started(app.Urls);
        await app.WaitForShutdownAsync(cancellation);
    }

    /// <summary>Composed and mapped, not yet listening.</summary>
    public static WebApplication Build(RunningDatabase running, string urls)
    {
        // No appsettings, no command line: what configures a server is in docs/operating.md, and short.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(urls);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBytesMax;
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSerilog(Log.Logger);
        builder.Services.AddRazorComponents();
        builder.Services.AddSingleton<StudioDesk>().AddSingleton<RunDesk>();
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<SignInAnswers>();
        builder.Services.AddExceptionHandler<ProblemAnswers>();
        builder.Services.ConfigureHttpJsonOptions(json => Shape(json.SerializerOptions));
        builder.Services.AddSentinel(running);
        builder.Services.AddWorkers();
        builder.Services.AddJobs(running);
        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseSerilogRequestLogging();
        app.UseStatusCodePages();
        app.UseStudioFiles(StudioPages.Path);
        app.UseRouting();
        app.MapDashboard();
        app.MapHealth();
        app.MapEvents();
        app.MapFindings();
        app.MapCases();
        app.MapCaseWork();
        app.MapStories();
        app.MapNotes();
        app.MapLinks();
        app.MapCaseAssets();
        app.MapEvidenceLinks();
        app.MapClosing();
        app.MapClocks();
        app.MapPolicies();
        app.MapTasks();
        app.MapTaskWork();
        app.MapApprovals();
        app.MapEvidence();
        app.MapPeople();
        app.MapConnectors();
        app.MapModules();
        app.MapWorkflows();
        app.MapSession();
        app.MapStudio();
        app.MapGovernance();
        app.MapDelegations();
        return app;
    }

    /// <summary>Names and states in snake_case, as in the database and in all that we print; no name comes twice.</summary>
    public static void Shape(JsonSerializerOptions json)
    {
        json.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        json.AllowDuplicateProperties = false;
        json.Converters.Add(new KeepableText());
        json.Converters.Add(new KeepableJson());
        json.Converters.Add(new KeepableObject());
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = true;
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.Converters.Add(
            new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
        );
    }

    static T? Because<T>(Exception? failure)
        where T : Exception
    {
        while (failure is not null and not T)
            failure = failure.InnerException;
        return failure as T;
    }
}
