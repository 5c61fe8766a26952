using Sentinel.Policies.Store;
using Sentinel.Postgres;
using Sentinel.Postgres.Ledger;
using Sentinel.Psa;
using Sentinel.Psa.Organisations;
using Sentinel.Server.Database;
using Sentinel.Siem;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Evidence;

namespace Sentinel.Server;

/// <summary>
/// Everything that runs, put together in one place: the command line and the server both start from it,
/// so that they cannot differ.
/// </summary>
public static class Composition
{
    public static IServiceCollection AddSentinel(
        this IServiceCollection services,
        RunningDatabase running
    ) =>
        services
            .AddSingleton(TimeProvider.System)
            .AddSingleton(running)
            .AddSingleton(running.Data)
            .AddSingleton(running.Database)
            .AddGeo(running.Data)
            .AddSiem()
            .AddPsa()
            .AddSingleton<WhoIsAsking>()
            .AddSingleton<FindSealedPackage>()
            .AddSingleton<PublishPolicies>()
            .AddSingleton<RevertPolicy>()
            .AddSingleton<ReadPolicyHistory>()
            .AddSingleton<ApprovePolicies>()
            .AddLedger()
            .AddSingleton<SweepOnce>();

    internal static IServiceCollection AddLedger(this IServiceCollection services)
    {
        var places = HeadPlaces.FromEnvironment();
        // Nobody is led elsewhere: a place is the address that was given.
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            Timeout = TimeSpan.FromSeconds(10),
            MaxResponseContentBufferSize = 64 * 1024,
        };
        return services
            .AddSingleton<ExportAudit>()
            .AddSingleton(host => new CopyHeads(
                host.GetRequiredService<SentinelDatabase>(),
                host.GetRequiredService<DataDirectory>(),
                places,
                http
            ))
            .AddSingleton(host => new StampHeads(
                host.GetRequiredService<SentinelDatabase>(),
                host.GetRequiredService<DataDirectory>(),
                places,
                http,
                host.GetRequiredService<TimeProvider>()
            ));
    }

    // Without a database of places, addresses still get their special ranges.
    static IServiceCollection AddGeo(this IServiceCollection services, DataDirectory data)
    {
        var files = Directory
            .GetFiles(data.GeoDatabases, "*.mmdb")
            .Order(StringComparer.Ordinal)
            .ToList();
        return files.Count == 0
            ? services
            : GeoDatabase.Open(files) switch
            {
                GeoOpening.Opened opened => services.AddSingleton(opened.Database),
                GeoOpening.Unusable unusable => throw new OperationFailedException(unusable.Reason),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
    }
}
