using Sentinel.Policies.Store;
using Sentinel.Postgres;
using Sentinel.Psa.Automation;
using Sentinel.Psa.Organisations;
using Sentinel.Workflows.Publication;

namespace Sentinel.Server.Database;

/// <summary>
/// Gives an empty database its first organisation, with an administrator whose token lies in the data
/// directory and the shipped policies. Only who may migrate can; where it is there, nothing changes.
/// </summary>
public static class Founding
{
    public static NewOrganisation Default { get; } =
        new("local", "internal", "administrator@localhost", "Administrator");

    /// <returns>What was made, in words; empty where everything was there.</returns>
    /// <exception cref="OperationFailedException">The shipped policies are wrong.</exception>
    public static async Task<IReadOnlyList<string>> FoundAsync(
        string migratingConnectionString,
        DataDirectory data,
        NewOrganisation organisation,
        CancellationToken cancellation
    )
    {
        var founded = await new CreateOrganisation(data, TimeProvider.System).RunAsync(
            migratingConnectionString,
            organisation,
            cancellation
        );
        List<string> made = [];
        var organisationId = founded switch
        {
            CreateOrganisationOutcome.Created created => created.OrganisationId,
            CreateOrganisationOutcome.AlreadyThere there => there.OrganisationId,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        if (founded is CreateOrganisationOutcome.Created { AdministratorToken: var token })
        {
            if (KeepAside(data.TokenFile) is { } kept)
                made.Add($"the token of another database, which was here, is now {kept}");
            DataDirectory.WriteAtomically(data.TokenFile, token.Value);
            made.Add(
                $"organisation {organisation.Name}, its administrator's token: {data.TokenFile}"
            );
        }
        made.AddRange(await PoliciesAsync(migratingConnectionString, organisationId, cancellation));
        made.AddRange(await WorkflowsAsync(migratingConnectionString, cancellation));
        return made;
    }

    // It may be the only way in to that database, and nobody can make it again.
    static string? KeepAside(string tokenFile)
    {
        if (!File.Exists(tokenFile))
            return null;
        var kept = Enumerable
            .Range(1, int.MaxValue)
            .Select(n => $"{tokenFile}.{n}")
            .First(name => !File.Exists(name));
        File.Move(tokenFile, kept);
        return kept;
    }

    static async Task<IReadOnlyList<string>> PoliciesAsync(
        string migratingConnectionString,
        Guid organisationId,
        CancellationToken cancellation
    ) =>
        await new BootstrapPolicies(TimeProvider.System).RunAsync(
            migratingConnectionString,
            organisationId,
            ShippedPolicies.Texts,
            cancellation
        ) switch
        {
            BootstrapPoliciesOutcome.Done done => [$"{done.Files} files of shipped policies"],
            BootstrapPoliciesOutcome.AlreadyThere => [],
            BootstrapPoliciesOutcome.Rejected { Diagnostics: var wrong } =>
                throw new OperationFailedException(
                    $"The shipped policies are wrong: {wrong[0].Path}:{wrong[0].Line}: "
                        + wrong[0].Message
                ),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    static async Task<IReadOnlyList<string>> WorkflowsAsync(
        string migratingConnectionString,
        CancellationToken cancellation
    )
    {
        var outcome = await new BootstrapWorkflows(
            CaseActivities.Catalogue(TimeProvider.System),
            TimeProvider.System
        ).RunAsync(migratingConnectionString, ShippedWorkflows.Definitions, cancellation);
        return outcome.Problems is [var first, ..]
            ? throw new OperationFailedException($"The shipped workflows are wrong: {first}")
            : [.. outcome.Stored.Select(stored => "workflow " + stored)];
    }
}
