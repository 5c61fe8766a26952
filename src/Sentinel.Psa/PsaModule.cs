using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sentinel.Contract;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Postgres.Ledger;
using Sentinel.Postgres.Objects;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Assets;
using Sentinel.Psa.Automation;
using Sentinel.Psa.Bundles;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Evidence;
using Sentinel.Psa.Figures;
using Sentinel.Psa.Glass;
using Sentinel.Psa.Intake;
using Sentinel.Psa.Modules;
using Sentinel.Psa.Notes;
using Sentinel.Psa.Organisations;
using Sentinel.Psa.Outbound;
using Sentinel.Psa.Ownership;
using Sentinel.Psa.Relations;
using Sentinel.Psa.Search;
using Sentinel.Psa.Sla;
using Sentinel.Psa.Stories;
using Sentinel.Psa.Tasks;
using Sentinel.Workflows;
using Sentinel.Workflows.Execution;
using Sentinel.Workflows.Publication;

namespace Sentinel.Psa;

/// <summary>
/// Casework, as hosts see it: the dock's far side (<see cref="ICaseIntake"/>) and one class for each
/// use case. Needs a <see cref="SentinelDatabase"/>, a <see cref="DataDirectory"/> and a clock.
/// </summary>
public static class PsaModule
{
    public static IServiceCollection AddPsa(this IServiceCollection services) =>
        services
            .AddSingleton<MachineSecrets>()
            .AddSingleton<SignHead>()
            .AddSingleton(host =>
                ObjectStore.FromEnvironment(host.GetRequiredService<DataDirectory>())
            )
            .AddSingleton<EvidenceObjects>()
            .AddSingleton<RedactEvidence>()
            .AddSingleton<PlaceHold>()
            .AddSingleton<LiftHold>()
            .AddSingleton<ListHolds>()
            .AddSingleton<IEscalationTerms, PublishedTerms>()
            .AddSingleton<ICaseWorkflows, CaseWorkflows>()
            .AddSingleton<OpenCase>()
            .AddSingleton<ICaseIntake>(host => host.GetRequiredService<OpenCase>())
            .AddSingleton<OpenCaseByHand>()
            .AddSingleton<ReceiveFindings>()
            .AddSingleton<ListDeliveries>()
            .AddSingleton<ListWorkflows>()
            .AddSingleton<ShowWorkflow>()
            .AddSingleton<WorkflowRequests>()
            .AddSingleton<SteerWorkflow>()
            .AddSingleton<TellIncident>()
            .AddOutbound()
            .AddWorkflows()
            .AddNotes()
            .AddPeople()
            .AddCases();

    static IServiceCollection AddOutbound(this IServiceCollection services) =>
        services
            .AddSingleton<ConnectorClient>()
            .AddSingleton<RegisterConnector>()
            .AddSingleton<ListConnectors>()
            .AddSingleton<AskConnector>()
            .AddSingleton<SendOutbound>()
            .AddSingleton<ReceiveOutcome>()
            .AddSingleton<ListOutbound>();

    static IServiceCollection AddWorkflows(this IServiceCollection services) =>
        services
            .AddSingleton(host =>
                CaseActivities.Catalogue(
                    host.GetRequiredService<TimeProvider>(),
                    host.GetRequiredService<EvidenceObjects>()
                )
            )
            .AddSingleton(host => new WorkflowRunner(
                host.GetRequiredService<SentinelDatabase>(),
                host.GetRequiredService<ActivityCatalogue>(),
                organisationId =>
                    host.GetRequiredService<MachineSecrets>().For(organisationId, "workflow"),
                host.GetRequiredService<TimeProvider>(),
                host.GetRequiredService<ILogger<WorkflowRunner>>()
            ))
            .AddSingleton<WatchConditions>()
            .AddSingleton<ReadLibrary>()
            .AddSingleton<RunWorkflow>()
            .AddSingleton<SaveDrawing>()
            .AddSingleton<DropDraft>()
            .AddSingleton<PublishWorkflow>()
            .AddSingleton<ApproveWorkflow>();

    static IServiceCollection AddPeople(this IServiceCollection services) =>
        services
            .AddSingleton<CreateOrganisation>()
            .AddSingleton<CreateUser>()
            .AddSingleton<FindPerson>()
            .AddSingleton<ListUsers>()
            .AddSingleton<CreateRole>()
            .AddSingleton<ListRoles>()
            .AddSingleton<ListCredentials>()
            .AddSingleton<ListDelegations>()
            .AddSingleton<ListGlass>()
            .AddSingleton<ListAssets>()
            .AddSingleton<SetUserStatus>()
            .AddSingleton<IssueCredential>()
            .AddSingleton<RevokeCredential>()
            .AddSingleton<DelegateDuties>()
            .AddSingleton<EndDelegation>()
            .AddSingleton<ImpersonateUser>()
            .AddSingleton<HoldAccount>()
            .AddSingleton<GiveRole>()
            .AddSingleton<EndRole>()
            .AddSingleton<BreakGlass>()
            .AddSingleton<MendGlass>()
            .AddSingleton<ReviewGlass>()
            .AddSingleton<RegisterAsset>()
            .AddSingleton<RetireAsset>();

    static IServiceCollection AddNotes(this IServiceCollection services) =>
        services
            .AddSingleton<CommentCase>()
            .AddSingleton<TagCase>()
            .AddSingleton<UntagCase>()
            .AddSingleton<WatchCase>()
            .AddSingleton<UnwatchCase>()
            .AddSingleton<LinkCases>()
            .AddSingleton<UnlinkCases>()
            .AddSingleton<LinkAsset>()
            .AddSingleton<UnlinkAsset>()
            .AddSingleton<LinkEvidence>();

    static IServiceCollection AddCases(this IServiceCollection services) =>
        services
            .AddSingleton<ListCases>()
            .AddSingleton<ShowCase>()
            .AddSingleton<TellCase>()
            .AddSingleton<ReportFigures>()
            .AddSingleton<ExportCase>()
            .AddSingleton<TakeCase>()
            .AddSingleton<AssignCase>()
            .AddSingleton<SetSeverity>()
            .AddSingleton<SearchCases>()
            .AddSingleton<ListTasks>()
            .AddSingleton<ShowTask>()
            .AddSingleton<CreateTask>()
            .AddSingleton<AssignTask>()
            .AddSingleton<StartTask>()
            .AddSingleton<RecordTaskAction>()
            .AddSingleton<CompleteTask>()
            .AddSingleton<CancelTask>()
            .AddSingleton<AttachEvidence>()
            .AddSingleton<ReadEvidence>()
            .AddSingleton<AskApproval>()
            .AddSingleton<DecideApproval>()
            .AddSingleton<DisposeCase>()
            .AddSingleton<DisposeFindings>()
            .AddSingleton<ResolveCase>()
            .AddSingleton<AttestCase>()
            .AddSingleton<CloseCase>()
            .AddSingleton<VerifyCase>()
            .AddSingleton<RunClocks>()
            .AddSingleton<PauseClocks>()
            .AddSingleton<ChangeSla>()
            .AddSingleton<ListNotices>()
            // Its other end, IReferenceData, is registered by whoever hosts detection.
            .AddSingleton<DeliverReferenceData>();
}
