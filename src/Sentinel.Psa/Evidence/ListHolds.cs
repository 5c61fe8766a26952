using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Evidence;

/// <summary>Every legal hold of the presented organisation, the lifted ones too.</summary>
public sealed class ListHolds(SentinelDatabase database)
{
    public Task<Outcome<IReadOnlyList<PlacedHold>>> RunAsync(
        Secret secret,
        CancellationToken cancellation
    ) =>
        AttemptStore.ListAsync(
            database.Psa,
            secret,
            new Deed("hold.read", "legal_hold", null, null),
            "case.read",
            work => HoldStore.ListAsync(work, cancellation),
            cancellation
        );
}

static class HoldStore
{
    public static async Task<IReadOnlyList<PlacedHold>> ListAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, held_from, held_until, reason, placed_by, placed_at, lifted_by, lifted_at,
                lift_reason
            FROM psa.legal_holds ORDER BY placed_at, id
            """;
        await using var command = work.Command(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<PlacedHold> holds = [];
        while (await reader.ReadAsync(cancellation))
            holds.Add(
                new PlacedHold(
                    reader.GetGuid(0),
                    reader.GetFieldValue<DateTimeOffset>(1),
                    reader.TimeOrNull(2),
                    reader.GetString(3),
                    reader.GetGuid(4),
                    reader.GetFieldValue<DateTimeOffset>(5),
                    reader.GuidOrNull(6),
                    reader.TimeOrNull(7),
                    reader.TextOrNull(8)
                )
            );
        return holds;
    }
}
