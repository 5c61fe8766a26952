using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Glass;

/// <summary>Somebody else says afterwards whether breaking the glass was right, and why.</summary>
public sealed class ReviewGlass(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<GlassBreak>> RunAsync(
        Secret secret,
        Guid id,
        bool justified,
        string review,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("glass.review", "glass", id, null),
            work => InAsync(work, id, justified, review, cancellation),
            cancellation
        );

    async Task<Outcome<GlassBreak>> InAsync(
        PresentedTransaction work,
        Guid id,
        bool justified,
        string review,
        CancellationToken cancellation
    )
    {
        var refusal =
            await PermissionStore.UnfitAsync(work, "glass.review", cancellation)
            ?? await PermissionStore.LackingAsync(work, "glass.review", cancellation)
            ?? ReasonGiven.Missing("glass.review", review);
        if (refusal is not null)
            return new Outcome<GlassBreak>.Declined(refusal);
        const string sql = """
            UPDATE psa.glass_breaks SET reviewed_by = $2, reviewed_at = $3, verdict = $4, review = $5
            WHERE id = $1
            """;
        await using var command = work.Command(sql)
            .With(
                id,
                work.Actor.Id,
                clock.GetUtcNow(),
                justified ? "justified" : "unjustified",
                review
            );
        if (await command.ExecuteNonQueryAsync(cancellation) == 0)
            return new Outcome<GlassBreak>.NotFound($"glass {id}");
        var reviewed = await GlassStore.FindAsync(work, id, cancellation);
        return new Outcome<GlassBreak>.Done(reviewed!);
    }
}
