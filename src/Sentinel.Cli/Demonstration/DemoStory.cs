using Sentinel.Psa.Stories;
using Sentinel.Siem.Findings;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Cli.Demonstration;

/// <summary>What happened on the way from the lines to the sealed case: every number is read, none is made up.</summary>
sealed record DemoStory(
    string Log,
    IngestCounts Counts,
    IReadOnlyList<Finding> Findings,
    Finding Chosen,
    IReadOnlyList<string> Reasons,
    Uri PackageUri,
    string PackageSha256,
    CaseStory Case,
    IReadOnlyList<DemoRefusal> Refusals,
    DemoAudit Audit
)
{
    public string NameOf(Guid? id) =>
        id is { } known ? Case.Names.GetValueOrDefault(known, known.ToString()) : "nobody";

    /// <summary>The shape that docs and scripts rely on.</summary>
    public object ToJson() =>
        new
        {
            Counts.RawEvents,
            Counts.Events,
            Counts.Unparsed,
            Counts.Duplicates,
            Counts.Hits,
            Findings = Findings.Select(finding => new
            {
                finding.Id,
                finding.Type,
                finding.Severity,
                finding.Confidence,
                Status = finding.State,
                finding.PsaCaseId,
            }),
            Package = new { Uri = PackageUri, Sha256 = PackageSha256 },
            Case = new
            {
                Case.Case.Id,
                Case.Case.Number,
                Case.Case.Status,
                Case.Case.OpenedAt,
                Case.Case.ClosedAt,
                ClosedBy = new { User = NameOf(Case.Case.ClosedBy), Kind = "person" },
                Tasks = Case.Tasks.Select(task => new
                {
                    task.Id,
                    task.TaskType,
                    task.Description,
                    task.Status,
                    AssignedTo = NameOf(task.AssignedTo),
                    task.Result,
                    task.CompletedAt,
                }),
                Evidence = Case.Evidence.Select(item => new
                {
                    item.Id,
                    item.EvidenceType,
                    item.Title,
                    Sha256 = item.Hash,
                    item.StoredUri,
                }),
                Case.Sla,
            },
            Refusals,
            Audit,
        };
}

/// <param name="Actor">Who tried, in the part that they play.</param>
sealed record DemoRefusal(string Action, string Actor, string Reason);

/// <param name="Head">Path of the signed head outside the database.</param>
sealed record DemoAudit(long Entries, bool Sealed, string Root, string Head);
