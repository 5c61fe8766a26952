using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Glass;

/// <summary>
/// Takes a permission that one's role lacks, for up to four hours and with a reason. Never one that
/// decides; and not again before somebody else has reviewed the last time.
/// </summary>
public sealed class BreakGlass(SentinelDatabase database, TimeProvider clock)
{
    const int MinutesMax = 240;

    public Task<Outcome<GlassBreak>> RunAsync(
        Secret secret,
        string permission,
        int minutes,
        string reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("glass.break", "glass", null, null),
            work => InAsync(work, permission, minutes, reason, cancellation),
            cancellation
        );

    async Task<Outcome<GlassBreak>> InAsync(
        PresentedTransaction work,
        string permission,
        int minutes,
        string reason,
        CancellationToken cancellation
    )
    {
        var refusal =
            await PermissionStore.UnfitAsync(work, "glass.break", cancellation)
            ?? await PermissionStore.LackingAsync(work, "glass.break", cancellation)
            ?? ReasonGiven.Missing("glass.break", reason)
            ?? (
                minutes is > 0 and <= MinutesMax
                    ? null
                    : new RuleRefusal(
                        "glass.break.minutes",
                        $"the glass is broken for up to {MinutesMax} minutes, and more than none",
                        "break it for a shorter time"
                    )
            )
            ?? await UnknownAsync(work, permission, cancellation);
        if (refusal is not null)
            return new Outcome<GlassBreak>.Declined(refusal);
        const string sql = """
            INSERT INTO psa.glass_breaks
                (id, organisation_id, broken_by, permission, reason, minutes, broken_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """;
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await using var command = work.Command(sql)
            .With(id, work.Actor.OrganisationId, work.Actor.Id, permission, reason, minutes, now);
        await command.ExecuteNonQueryAsync(cancellation);
        var broken = await GlassStore.FindAsync(work, id, cancellation);
        return new Outcome<GlassBreak>.Done(broken!);
    }

    static async Task<RuleRefusal?> UnknownAsync(
        PresentedTransaction work,
        string permission,
        CancellationToken cancellation
    )
    {
        const string sql = "SELECT EXISTS (SELECT FROM psa.role_permissions WHERE permission = $1)";
        await using var command = work.Command(sql).With(permission);
        return await command.ExecuteScalarAsync(cancellation) is true
            ? null
            : new RuleRefusal(
                "glass.break.unknown",
                $"no role has a permission {permission}",
                "name one as a refusal names it: asset.manage"
            );
    }
}
