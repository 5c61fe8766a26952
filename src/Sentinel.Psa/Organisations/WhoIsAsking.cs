using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Psa.Organisations;

/// <param name="Name">Of the person, or of the machine.</param>
public sealed record Asking(
    Guid ActorId,
    string Name,
    ActorKind Kind,
    Guid OrganisationId,
    string Organisation
);

/// <summary>Whom a credential names, in words: for a prompt, a page, or a check before a long load.</summary>
public sealed class WhoIsAsking(SentinelDatabase database)
{
    public async Task<Asking> RunAsync(Secret secret, CancellationToken cancellation)
    {
        const string sql = """
            SELECT o.name, coalesce(
                (SELECT display_name FROM psa.users WHERE id = access.actor_id()),
                (SELECT name FROM psa.machines WHERE id = access.actor_id()))
            FROM psa.organisations o WHERE o.id = access.organisation_id()
            """;
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        await using var command = work.Command(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var actor = work.Actor;
        return new Asking(
            actor.Id,
            reader.GetString(1),
            actor.Kind,
            actor.OrganisationId,
            reader.GetString(0)
        );
    }
}
