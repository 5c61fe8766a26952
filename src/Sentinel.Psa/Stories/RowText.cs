using System.Text.Json;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Stories;

/// <summary>Each row of the log as a sentence without its actor: 'opened the case: …'.</summary>
static class RowText
{
    const int ValueCharsMax = 200;

    public static string Of(LoggedRow row, LoggedNames names) =>
        row.IsRefusal ? Refused(row)
        : row.Verb == "created" ? Created(row, names)
        : Changed(row, names);

    static string Refused(LoggedRow row) =>
        $"was refused to {Words(row.Action[..^".refused".Length])}: {row.Text("reason")}"
        + (row.Text("instead") is { } instead ? $" (instead: {instead})" : "");

    static string Created(LoggedRow row, LoggedNames names) =>
        row.EntityType switch
        {
            "case" => $"opened {names.Of(row.EntityId)}, severity {row.Text("severity")}: "
                + row.Text("summary"),
            "task" => $"added the task '{row.Text("description")}' ({row.Text("task_type")})"
                + (row.Id("assigned_to") is { } to ? $" for {names.Of(to)}" : ""),
            "task_action" => $"did: {row.Text("action_type")}, {row.Text("description")}",
            "comment" => row.Text("kind") switch
            {
                "correction" => $"corrected a comment: {row.Text("body")}",
                "handover" => $"handed over: {row.Text("body")}",
                _ => $"commented: {row.Text("body")}",
            },
            "case_tag" => $"tagged it {row.Text("tag")}",
            "case_watcher" => $"put it on the list of {names.Of(row.Id("user_id"))}",
            "case_asset" => $"named the asset {names.Of(row.Id("asset_id"))}",
            "case_relationship" => Linked(row, names),
            "tombstone" => $"took back a {Words(row.Text("entity_type"))}: {row.Text("reason")}",
            "severity_proposal" => row.Text("outcome") is { Length: > 0 } outcome
                ? $"the severity that was proposed, {row.Text("severity")}, was {outcome}"
                : $"proposed severity {row.Text("severity")}: {row.Text("reason")}",
            "severity" => $"decided severity {row.Text("severity")}: {row.Text("reason")}",
            "disposition" => $"decided {Words(row.Text("disposition"))}: {row.Text("reason")}",
            "approval" => $"asked for approval: {row.Text("request")}",
            "attestation" => $"attested as {row.Text("as_role")}: {row.Text("statement")}",
            "evidence" => $"attached {row.Text("evidence_type")} '{row.Text("title")}', "
                + $"sha256 {row.Text("hash")}",
            "custody" => $"touched evidence {row.EntityId}: {Words(row.Text("act"))}, "
                + $"sha256 seen {row.Text("hash_seen") ?? "none"}",
            "case_sla" => $"started the clock: response due {row.Text("response_due_at")}, "
                + $"resolution due {row.Text("resolution_due_at")}",
            "case_seal" => $"sealed {row.Text("leaf_count")} audit entries",
            _ => $"added a {Words(row.EntityType)}: {Fields(row, names)}",
        };

    static string Changed(LoggedRow row, LoggedNames names) =>
        row.Mentions("status")
            ? $"moved the {Words(row.EntityType)} to {Words(row.Text("status"))}"
                + Rest(row, names, "status")
            : $"changed the {Words(row.EntityType)}" + Rest(row, names, "");

    static string Rest(LoggedRow row, LoggedNames names, string without)
    {
        var fields = Fields(row, names, without);
        return fields.Length == 0 ? "" : ": " + fields;
    }

    static string Linked(LoggedRow row, LoggedNames names)
    {
        var (parent, child) = (
            names.Of(row.Id("parent_case_id")),
            names.Of(row.Id("child_case_id"))
        );
        var said = row.Text("relationship_type") switch
        {
            "parent" => $"made {child} a part of {parent}",
            "merged" => $"merged {child} into {parent}",
            "follow_on" => $"opened {child} to follow on {parent}",
            _ => $"related {child} to {parent}",
        };
        return row.Text("reason") is { } reason ? $"{said}: {reason}" : said;
    }

    // What nobody wrote a sentence for is told field by field: nothing in a story is silent.
    static string Fields(LoggedRow row, LoggedNames names, string without = "") =>
        row.Detail.ValueKind != JsonValueKind.Object
            ? ""
            : string.Join(
                ", ",
                row.Detail.EnumerateObject()
                    .Where(field => field.Name != without && field.Name != "case_id")
                    .Select(field =>
                        $"{Words(field.Name)} "
                        + (
                            row.Id(field.Name) is { } id
                                ? names.Of(id)
                                : Short(row.Text(field.Name))
                        )
                    )
            );

    static string Short(string? value) =>
        value is null ? "none"
        : value.Length > ValueCharsMax ? value.Cut(ValueCharsMax) + "…"
        : value;

    static string Words(string? name) => (name ?? "").Replace('_', ' ').Replace('.', ' ');
}
