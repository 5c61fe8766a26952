namespace Sentinel.Workflows.Journal;

/// <summary>The right to advance an instance, until a later lease with a higher fence is given out.</summary>
sealed record Lease(Guid InstanceId, Guid OrganisationId, long Fence, int Attempts);
