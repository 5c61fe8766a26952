using Sentinel.Policies.Store;
using Sentinel.Postgres.Ledger;
using Sentinel.Psa;
using Sentinel.Psa.Organisations;
using Sentinel.Server.Database;
using Sentinel.Siem;
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
            .AddSiem()
            .AddPsa()
            .AddSingleton<WhoIsAsking>()
            .AddSingleton<FindSealedPackage>()
            .AddSingleton<PublishPolicies>()
            .AddSingleton<ApprovePolicies>()
            .AddSingleton<ExportAudit>()
            .AddSingleton<SweepOnce>();
}
