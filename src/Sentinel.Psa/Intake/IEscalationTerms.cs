using Sentinel.Contract;
using Sentinel.Postgres.Access;

namespace Sentinel.Psa.Intake;

/// <summary>Where published policy is looked up: the policy schema, or a file in a test.</summary>
public interface IEscalationTerms
{
    /// <summary>The declaration of exactly that name and text, or null where there is none.</summary>
    Task<EscalationTerms?> FindAsync(
        PresentedTransaction work,
        PolicyReference policy,
        CancellationToken cancellation
    );
}

/// <summary>
/// Starts the workflow that a policy names, inside the transaction that opens the case.
/// </summary>
public interface ICaseWorkflows
{
    /// <returns>The instance, or null where no version of it is published.</returns>
    Task<Guid?> StartAsync(
        PresentedTransaction work,
        string definition,
        Guid caseId,
        EscalatedFinding finding,
        Guid correlationId,
        CancellationToken cancellation
    );
}
