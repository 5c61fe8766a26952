using System.Text.Json.Nodes;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Modules;

/// <summary>A case as an incident finding of the Open Cybersecurity Schema Framework 1.8 (class 2005).</summary>
static class IncidentFinding
{
    const string Version = "1.8.0";
    const int Category = 2;
    const int Class = 2005;

    /// <param name="assignee">Who owns the case: id and name; null for nobody.</param>
    /// <param name="disposition">What a person decided last, or null.</param>
    public static JsonObject Of(
        Case told,
        IReadOnlyList<CaseFinding> findings,
        (Guid Id, string Name)? assignee,
        Disposition? disposition,
        DateTimeOffset now
    )
    {
        var (activity, activityName) = told.Status switch
        {
            CaseState.Open => (1, "Create"),
            CaseState.Closed => (3, "Close"),
            CaseState.InProgress or CaseState.Resolved => (2, "Update"),
        };
        var (status, statusName) = told.Status switch
        {
            CaseState.Open => (1, "New"),
            CaseState.InProgress => (2, "In Progress"),
            CaseState.Resolved => (4, "Resolved"),
            CaseState.Closed => (5, "Closed"),
        };
        var (severity, severityName) = told.Severity switch
        {
            0 => (1, "Informational"),
            <= 3 => (2, "Low"),
            <= 6 => (3, "Medium"),
            <= 8 => (4, "High"),
            _ => (5, "Critical"),
        };
        var incident = new JsonObject
        {
            ["activity_id"] = activity,
            ["activity_name"] = activityName,
            ["category_uid"] = Category,
            ["category_name"] = "Findings",
            ["class_uid"] = Class,
            ["class_name"] = "Incident Finding",
            ["type_uid"] = Class * 100 + activity,
            ["time"] = now.ToUnixTimeMilliseconds(),
            ["start_time"] = told.OpenedAt.ToUnixTimeMilliseconds(),
            ["severity_id"] = severity,
            ["severity"] = severityName,
            ["status_id"] = status,
            ["status"] = statusName,
            ["message"] = told.Summary,
            ["desc"] = told.Summary,
            ["ticket"] = new JsonObject
            {
                ["uid"] = told.Id.ToString(),
                ["title"] = told.Number,
                ["type"] = told.CaseType,
            },
            ["finding_info_list"] = new JsonArray([.. findings.Select(Info)]),
            ["metadata"] = new JsonObject
            {
                ["version"] = Version,
                ["uid"] = told.Id.ToString(),
                ["correlation_uid"] = told.CorrelationId.ToString(),
                ["product"] = new JsonObject
                {
                    ["name"] = "Sentinel",
                    ["vendor_name"] = "Sentinel",
                },
            },
        };
        AddWhatIsKnown(incident, told, assignee, disposition);
        return incident;
    }

    static void AddWhatIsKnown(
        JsonObject incident,
        Case told,
        (Guid Id, string Name)? assignee,
        Disposition? disposition
    )
    {
        if ((told.ClosedAt ?? told.ResolvedAt) is { } ended)
            incident["end_time"] = ended.ToUnixTimeMilliseconds();
        if (told.Confidence is { } confidence)
            incident["confidence_score"] = confidence;
        if (assignee is { } owner)
            incident["assignee"] = new JsonObject
            {
                ["uid"] = owner.Id.ToString(),
                ["name"] = owner.Name,
            };
        if (VerdictOf(disposition) is { } verdict)
            (incident["verdict_id"], incident["verdict"]) = (verdict.Id, verdict.Name);
    }

    static JsonObject Info(CaseFinding finding)
    {
        var info = new JsonObject { ["uid"] = finding.Id, ["title"] = finding.Title };
        if (finding.Type is { } type)
            info["types"] = new JsonArray(type);
        return info;
    }

    static (int Id, string Name)? VerdictOf(Disposition? disposition) =>
        disposition switch
        {
            Disposition.FalsePositive => (1, "False Positive"),
            Disposition.TruePositive => (2, "True Positive"),
            Disposition.Benign => (5, "Benign"),
            Disposition.Duplicate => (10, "Duplicate"),
            null => null,
        };
}

/// <param name="Id">As the system that found it calls it.</param>
sealed record CaseFinding(string Id, string Title, string? Type);
