using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Glass;

/// <summary>Gives back what was taken by breaking the glass, before its time is over.</summary>
public sealed class MendGlass(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<GlassBreak>> RunAsync(
        Secret secret,
        Guid id,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("glass.mend", "glass", id, null),
            work => InAsync(work, id, cancellation),
            cancellation
        );

    async Task<Outcome<GlassBreak>> InAsync(
        PresentedTransaction work,
        Guid id,
        CancellationToken cancellation
    )
    {
        const string sql = "UPDATE psa.glass_breaks SET mended_at = $2 WHERE id = $1";
        await using var command = work.Command(sql).With(id, clock.GetUtcNow());
        if (await command.ExecuteNonQueryAsync(cancellation) == 0)
            return new Outcome<GlassBreak>.NotFound($"glass {id}");
        var mended = await GlassStore.FindAsync(work, id, cancellation);
        return new Outcome<GlassBreak>.Done(mended!);
    }
}
