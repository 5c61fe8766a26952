using System.Globalization;
using Sentinel.Psa.Stories;

namespace Sentinel.Psa.Figures;

/// <summary>What figures need to know of one case, as the log tells it row by row.</summary>
sealed class CaseFacts
{
    public string CaseType { get; private set; } = "";
    public int Severity { get; private set; }
    public string Status { get; private set; } = "open";
    public DateTimeOffset OpenedAt { get; private set; }
    public DateTimeOffset? RespondedAt { get; private set; }
    public DateTimeOffset? ResolvedAt { get; private set; }
    public Guid? OwnerId { get; private set; }
    public Guid? QueueId { get; private set; }
    public bool ResponseBreached { get; private set; }
    public bool ResolutionBreached { get; private set; }

    public bool IsOpen => Status != "closed";

    /// <summary>A row about the case itself, its severity or its clock.</summary>
    public void Learn(LoggedRow row)
    {
        switch (row.EntityType)
        {
            case "case":
                LearnCase(row);
                break;
            case "severity":
                Severity = Number(row, "severity");
                break;
            case "case_sla":
                ResponseBreached |= row.Text("response_breached_at") is not null;
                ResolutionBreached |= row.Text("resolution_breached_at") is not null;
                break;
        }
    }

    void LearnCase(LoggedRow row)
    {
        if (row.Verb == "created")
        {
            CaseType = row.Text("case_type")!;
            Severity = Number(row, "severity");
            OpenedAt = row.Time("opened_at")!.Value;
        }
        Status = row.Text("status") ?? Status;
        RespondedAt = row.Time("responded_at") ?? RespondedAt;
        ResolvedAt = row.Time("resolved_at") ?? ResolvedAt;
        if (row.Mentions("owner_id"))
            OwnerId = row.Id("owner_id");
        if (row.Mentions("queue_id"))
            QueueId = row.Id("queue_id");
    }

    static int Number(LoggedRow row, string field) =>
        int.Parse(row.Text(field)!, CultureInfo.InvariantCulture);
}
