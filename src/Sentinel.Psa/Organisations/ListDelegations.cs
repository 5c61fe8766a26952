using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Organisations;

/// <param name="Kind">delegation, or impersonation: which the delegator did not ask for.</param>
/// <param name="EndedAt">Before its time; null where it ran or runs until <paramref name="ValidUntil"/>.</param>
public sealed record Delegation(
    Guid Id,
    Guid DelegatorId,
    Guid DelegateId,
    string Kind,
    DateTimeOffset ValidFrom,
    DateTimeOffset ValidUntil,
    DateTimeOffset? EndedAt,
    string Reason
);

/// <summary>Who acted or may act in whose name, the newest first.</summary>
public sealed class ListDelegations(SentinelDatabase database)
{
    public Task<Outcome<IReadOnlyList<Delegation>>> RunAsync(
        Secret secret,
        CancellationToken cancellation
    ) =>
        AttemptStore.ListAsync(
            database.Psa,
            secret,
            new Deed("delegation.read", "delegation", null, null),
            "user.read",
            work => AllAsync(work, cancellation),
            cancellation
        );

    static async Task<IReadOnlyList<Delegation>> AllAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, delegator_id, delegate_id, kind, valid_from, valid_until, ended_at, reason
            FROM psa.delegations ORDER BY valid_from DESC, id
            """;
        await using var command = work.Command(sql);
        return await command.AllAsync(
            row => new Delegation(
                row.GetGuid(0),
                row.GetGuid(1),
                row.GetGuid(2),
                row.GetString(3),
                row.GetFieldValue<DateTimeOffset>(4),
                row.GetFieldValue<DateTimeOffset>(5),
                row.TimeOrNull(6),
                row.GetString(7)
            ),
            cancellation
        );
    }
}
