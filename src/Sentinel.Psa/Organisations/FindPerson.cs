using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Organisations;

/// <summary>Whom a name means, within the organisation: an address, an id, or <c>me</c>.</summary>
public sealed class FindPerson(SentinelDatabase database)
{
    public async Task<Outcome<Guid>> RunAsync(
        Secret secret,
        string named,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        if (named == "me" && work.Actor.Kind == ActorKind.Person)
            return new Outcome<Guid>.Done(work.Actor.Id);
        var found =
            Guid.TryParse(named, out var id)
            && await PersonStore.ExistsAsync(work, id, cancellation)
                ? id
                : await PersonStore.FindAsync(work, named, cancellation);
        return found is { } person
            ? new Outcome<Guid>.Done(person)
            : new Outcome<Guid>.NotFound(
                $"user {named}: name one by address, such as ada@example.org"
            );
    }
}
