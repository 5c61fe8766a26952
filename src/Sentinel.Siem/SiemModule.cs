using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sentinel.Contract;
using Sentinel.Policies.Store;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Backtest;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Detection;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Escalation;
using Sentinel.Siem.Evidence;
using Sentinel.Siem.Explain;
using Sentinel.Siem.Failures;
using Sentinel.Siem.Findings;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.ReferenceData;
using Sentinel.Siem.Replay;
using Sentinel.Siem.Retention;
using Sentinel.Siem.Rules;
using Sentinel.Siem.Search;

namespace Sentinel.Siem;

/// <summary>
/// Detection with its database, as the hosts see it. They provide <see cref="SentinelDatabase"/>,
/// <see cref="DataDirectory"/>, <see cref="MachineSecrets"/>, <see cref="TimeProvider"/>, logging,
/// and, for delivery, <see cref="ICaseIntake"/>.
/// </summary>
public static class SiemModule
{
    public static IServiceCollection AddSiem(this IServiceCollection services) =>
        services
            .AddSingleton<IRawEventStore, RawEventStore>()
            .AddSingleton<IPolicyTextStore, PolicyTextStore>()
            .AddSingleton(provider => new PolicySets(
                provider.GetRequiredService<IPolicyTextStore>(),
                [OperationalRules.Text]
            ))
            .AddSingleton<IPolicyTests>(_ => new PublicationTests())
            .AddSingleton<SealEvidence>()
            .AddSingleton<EscalateFinding>()
            .AddSingleton(provider => new EventPath(
                provider.GetRequiredService<SentinelDatabase>(),
                provider.GetRequiredService<PolicySets>(),
                provider.GetRequiredService<IRawEventStore>(),
                provider.GetRequiredService<EscalateFinding>(),
                provider.GetService<GeoDatabase>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<EventPath>>()
            ))
            .AddSingleton<IngestFiles>()
            .AddSingleton<IngestRecords>()
            .AddSingleton<WatchSources>()
            .AddSingleton<DeliverEscalations>()
            .AddSingleton<ListFailures>()
            .AddSingleton<ListFindings>()
            .AddSingleton<ListExceptedHits>()
            .AddSingleton<SearchEvents>()
            .AddSingleton<ExplainFinding>()
            .AddSingleton<ExplainNotFired>()
            .AddSingleton<ReplayFinding>()
            .AddSingleton<BacktestPolicy>()
            .AddSingleton<VerifyRawEvents>()
            .AddSingleton<RunRetention>()
            .AddSingleton<ListArchivedDays>()
            .AddSingleton<IReferenceData, ApplyReferenceData>();
}
