using Sentinel.Postgres.Access;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Assets;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Organisations;
using Sentinel.Psa.Tasks;

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
            .AddSingleton<MachineSecrets>()
            .AddSingleton<CreateUser>()
            .AddSingleton<IssueCredential>()
            .AddSingleton<TakeCase>()
            .AddSingleton<AssignCase>()
            .AddSingleton<DisposeCase>()
            .AddSingleton<ResolveCase>()
            .AddSingleton<AttestCase>()
            .AddSingleton<CreateTask>()
            .AddSingleton<AssignTask>()
            .AddSingleton<StartTask>()
            .AddSingleton<RecordTaskAction>()
            .AddSingleton<CompleteTask>()
            .AddSingleton<CancelTask>()
            .AddSingleton<AskApproval>()
            .AddSingleton<DecideApproval>()
            .AddSingleton<DeliverReferenceData>();
}
