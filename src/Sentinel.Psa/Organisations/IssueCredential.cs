using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Organisations;

/// <summary>Whose name the credential carries.</summary>
public abstract record CredentialHolder
{
    public sealed record ForPerson(Guid UserId) : CredentialHolder;

    public sealed record ForMachine(string Name) : CredentialHolder;

    /// <summary>A person who acts for another; needs a delegation that lasts as long.</summary>
    public sealed record ForDelegate(Guid UserId, Guid OnBehalfOf) : CredentialHolder;
}

/// <param name="Secret">Shown once: only its SHA-256 is stored.</param>
public sealed record IssuedCredential(Guid Id, Secret Secret, DateTimeOffset ExpiresAt);

/// <summary>Gives a person, a machine or a delegate something to present, until a day.</summary>
public sealed class IssueCredential(SentinelDatabase database, TimeProvider clock)
{
    const int ValidDaysMax = 400;

    public Task<Outcome<IssuedCredential>> RunAsync(
        Secret secret,
        CredentialHolder holder,
        TimeSpan validFor,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("credential.issue", "credential", null, null),
            work => InAsync(work, holder, validFor, clock.GetUtcNow(), cancellation),
            cancellation
        );

    internal static async Task<Outcome<IssuedCredential>> InAsync(
        PresentedTransaction work,
        CredentialHolder holder,
        TimeSpan validFor,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var (userId, machine, onBehalfOf) = holder switch
        {
            CredentialHolder.ForPerson person => (person.UserId, null, (Guid?)null),
            CredentialHolder.ForDelegate deputy => (deputy.UserId, null, deputy.OnBehalfOf),
            CredentialHolder.ForMachine named => ((Guid?)null, named.Name, (Guid?)null),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        if (await RefuseAsync(work, userId, validFor, cancellation) is { } refusal)
            return new Outcome<IssuedCredential>.Declined(refusal);
        if (userId is { } user && !await PersonStore.ExistsAsync(work, user, cancellation))
            return new Outcome<IssuedCredential>.NotFound($"user {user}");
        var machineId = machine is null ? null : await MachineAsync(work, machine, cancellation);
        if (machine is not null && machineId is null)
            return new Outcome<IssuedCredential>.NotFound($"machine {machine}");
        const string sql = """
            INSERT INTO psa.credentials (id, organisation_id, kind, user_id, machine_id, on_behalf_of,
                secret_sha256, created_at, expires_at, issued_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """;
        var issued = new IssuedCredential(
            Guid.CreateVersion7(now),
            machineId is null ? NewSecret.Person() : NewSecret.Machine(),
            now + validFor
        );
        await using var command = work.Command(sql)
            .With(
                issued.Id,
                work.Actor.OrganisationId,
                machineId is null ? "person" : "machine",
                userId,
                machineId,
                onBehalfOf,
                MachineSecrets.Sha256(issued.Secret),
                now,
                issued.ExpiresAt,
                work.Actor.Id
            );
        await command.ExecuteNonQueryAsync(cancellation);
        return new Outcome<IssuedCredential>.Done(issued);
    }

    // One's own further token needs no administrator; everybody else's does.
    static async Task<RuleRefusal?> RefuseAsync(
        PresentedTransaction work,
        Guid? userId,
        TimeSpan validFor,
        CancellationToken cancellation
    )
    {
        if (PermissionStore.UnlessPerson(work.Actor, "credential.issue") is { } machine)
            return machine;
        if (validFor <= TimeSpan.Zero || validFor > TimeSpan.FromDays(ValidDaysMax))
            return new RuleRefusal(
                "credential.issue.days",
                $"a credential is valid for up to {ValidDaysMax} days, and more than none",
                "issue it for a shorter time"
            );
        return userId == work.Actor.Id
            ? null
            : await PermissionStore.LackingAsync(work, "credential.issue", cancellation);
    }

    static async Task<Guid?> MachineAsync(
        PresentedTransaction work,
        string name,
        CancellationToken cancellation
    )
    {
        const string sql = "SELECT id FROM psa.machines WHERE name = $1";
        await using var command = work.Command(sql).With(name);
        return await command.ExecuteScalarAsync(cancellation) as Guid?;
    }
}
