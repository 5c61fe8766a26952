using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Sla;

/// <param name="Moment">opened, warned, breached, resolved, closed, or a step: <c>resolve 80%</c>.</param>
/// <param name="Who">As the policy has it: a role or an address.</param>
public sealed record CaseNotice(Guid Id, Guid CaseId, string Moment, string Who, DateTimeOffset At);

/// <summary>What policies wanted the asking person told: by their address, or by a role that they hold.</summary>
public sealed class ListNotices(SentinelDatabase database)
{
    const int NoticesMax = 200;

    public Task<Outcome<IReadOnlyList<CaseNotice>>> RunAsync(
        Secret secret,
        Guid? before,
        CancellationToken cancellation
    ) =>
        AttemptStore.ListAsync(
            database.Psa,
            secret,
            new Deed("notice.read", "notice", null, null),
            "case.read",
            work => NoticeStore.ListAsync(work, before, NoticesMax, cancellation),
            cancellation
        );
}
