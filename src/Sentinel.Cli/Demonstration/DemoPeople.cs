using Sentinel.Cli.Sessions;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Organisations;

namespace Sentinel.Cli.Demonstration;

/// <summary>Everybody who acts in the demo, each under a credential of their own.</summary>
sealed record DemoPeople(
    Guid OrganisationId,
    Secret Administrator,
    Secret Analyst,
    Secret Manager,
    Secret Collector,
    Secret Workflow
)
{
    static readonly TimeSpan validFor = TimeSpan.FromHours(8);

    public static async Task<DemoPeople> HireAsync(
        CommandSession session,
        CancellationToken cancellation
    )
    {
        var administrator = new Secret(
            (await File.ReadAllTextAsync(session.Data.TokenFile, cancellation)).Trim()
        );
        var asking = await session.Use<WhoIsAsking>().RunAsync(administrator, cancellation);
        var machines = session.Use<MachineSecrets>();
        return new DemoPeople(
            asking.OrganisationId,
            administrator,
            await HireAsync("analyst@example.org", "the analyst", RoleSeeds.Analyst),
            await HireAsync(
                "incident-manager@example.org",
                "the incident manager",
                RoleSeeds.IncidentManager
            ),
            machines.For(asking.OrganisationId, "siem"),
            machines.For(asking.OrganisationId, "workflow")
        );

        async Task<Secret> HireAsync(string email, string name, string role)
        {
            var user = Must(
                await session
                    .Use<CreateUser>()
                    .RunAsync(administrator, email, name, [role], cancellation)
            );
            var credential = await session
                .Use<IssueCredential>()
                .RunAsync(
                    administrator,
                    new CredentialHolder.ForPerson(user),
                    validFor,
                    cancellation
                );
            return Must(credential).Secret;
        }
    }

    /// <summary>A step that has to succeed, or there is no story to tell.</summary>
    public static T Must<T>(Outcome<T> outcome) =>
        outcome.Match(
            done => done,
            missing => throw new OperationFailedException($"The demo stopped: no {missing}."),
            refusal => throw new OperationFailedException($"The demo stopped: {refusal}.")
        );
}
