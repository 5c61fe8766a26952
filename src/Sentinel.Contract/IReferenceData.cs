namespace Sentinel.Contract;

/// <summary>
/// Reference data that casework owns and detection reads. Never a decision, never evidence.
/// Idempotent: the latest state of a thing replaces the one before.
/// </summary>
public interface IReferenceData
{
    Task ApplyAsync(ReferenceData change, CancellationToken cancellation);
}

public abstract record ReferenceData(Guid OrganisationId, Guid Id)
{
    /// <param name="Names">Host names and addresses by which events know the asset.</param>
    /// <param name="Criticality">0 to 10.</param>
    public sealed record Asset(
        Guid OrganisationId,
        Guid Id,
        string AssetType,
        string Name,
        IReadOnlyList<string> Names,
        int Criticality,
        bool Active
    ) : ReferenceData(OrganisationId, Id);

    public sealed record Identity(
        Guid OrganisationId,
        Guid Id,
        string AccountName,
        string? Role,
        bool Active
    ) : ReferenceData(OrganisationId, Id);

    public sealed record LegalHold(
        Guid OrganisationId,
        Guid Id,
        DateTimeOffset From,
        DateTimeOffset? Until,
        bool Active
    ) : ReferenceData(OrganisationId, Id);
}
