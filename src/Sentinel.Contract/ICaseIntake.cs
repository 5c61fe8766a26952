namespace Sentinel.Contract;

/// <summary>
/// The dock: the one way from a finding to a case. Idempotent on <see cref="Escalation.Id"/>:
/// a second delivery of the same escalation gives the same receipt and changes nothing.
/// </summary>
public interface ICaseIntake
{
    /// <summary>Opens a case for the escalation, or attaches it to the finding's case.</summary>
    Task<EscalationReceipt> ReceiveAsync(Escalation escalation, CancellationToken cancellation);
}
