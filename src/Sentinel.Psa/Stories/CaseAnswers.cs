using System.Globalization;

namespace Sentinel.Psa.Stories;

/// <summary>The six questions, answered from the log: short enough to be read at three in the morning.</summary>
sealed class CaseAnswers(
    LoggedThing opened,
    IReadOnlyList<LoggedThing> things,
    IReadOnlyList<LoggedRow> rows,
    LoggedNames names,
    DateTimeOffset asOf
)
{
    public IReadOnlyList<CaseAnswer> All() =>
        [
            new("What happened?", [.. Happened()]),
            new("When did we know?", [.. Known()]),
            new("Who owned it?", [.. Owned()]),
            new("What actions were taken?", [.. Taken()]),
            new("Was it resolved correctly?", [.. Resolved()]),
            new("Can we prove all of the above later?", [.. Proved()]),
        ];

    IEnumerable<string> Happened()
    {
        yield return opened.Text("summary")!;
        if (opened.Text("finding_id") is { } finding)
            yield return $"finding {finding}, confidence {opened.Text("confidence") ?? "unknown"} of 100";
        if (opened.Text("policy_name") is { } policy)
            yield return $"policy {policy} version {opened.Text("policy_version")}, "
                + $"sha256 {opened.Text("policy_sha256")}";
        var assets = Of("case_asset").Select(one => names.Of(one.Guid("asset_id"))).ToList();
        if (assets.Count > 0)
            yield return "assets: " + string.Join(", ", assets);
        var tags = Of("case_tag").Select(one => one.Text("tag")!).ToList();
        if (tags.Count > 0)
            yield return "tags: " + string.Join(", ", tags);
        foreach (var link in Of("case_relationship"))
            yield return Link(link);
    }

    IEnumerable<string> Known()
    {
        yield return $"{Time(opened.CreatedAt)} from {opened.Text("source_system")}, opened by "
            + names.Of(opened.CreatedBy);
        foreach (var escalation in Of("escalation"))
            yield return $"{Time(escalation.CreatedAt)} escalation {escalation.Id}, package sha256 "
                + escalation.Text("package_sha256");
        foreach (var delivery in Of("delivery"))
            yield return $"{Time(delivery.CreatedAt)} finding {delivery.Text("outside_id")} of "
                + $"{delivery.Text("module")}, sha256 {delivery.Text("record_sha256")}";
        if (opened.Time("responded_at") is { } responded)
            yield return $"{Time(responded)} taken, after {Span(responded - opened.CreatedAt)}";
        else
            yield return $"nobody has taken it for {Span(asOf - opened.CreatedAt)}";
        foreach (var clock in Of("case_sla"))
            yield return $"clock: response due {Time(clock.Time("response_due_at"))}, resolution due "
                + Time(clock.Time("resolution_due_at"))
                + (
                    clock.Time("breached_at") is { } breached
                        ? $"; BREACHED {Time(breached)}"
                        : "; not breached"
                );
    }

    IEnumerable<string> Owned()
    {
        var (owner, queue) = ("nobody", "");
        foreach (var row in rows.Where(row => row.EntityType == "case" && !row.IsRefusal))
        {
            var (moves, joins) = (row.Mentions("owner_id"), row.Mentions("queue_id"));
            if (row.EntityId != opened.Id || (row.Verb != "created" && !moves && !joins))
                continue;
            if (moves)
                owner = names.Of(row.Id("owner_id"));
            if (joins)
                queue = row.Id("queue_id") is { } to ? $", queue {names.Of(to)}" : "";
            yield return $"{Time(row.At)} {owner}{queue}";
        }
    }

    IEnumerable<string> Taken()
    {
        foreach (var task in Of("task"))
        {
            yield return $"[{task.Text("status")}] {task.Text("description")}"
                + $" ({task.Text("task_type")}, {names.Of(task.Guid("assigned_to"))})"
                + (task.Text("result") is { } result ? $": {result}" : "")
                + (task.Text("cancel_reason") is { } reason ? $": cancelled, {reason}" : "");
            foreach (var action in Of("task_action").Where(one => one.Guid("task_id") == task.Id))
                yield return $"  {Time(action.CreatedAt)} {names.Of(action.CreatedBy)}: "
                    + $"{action.Text("action_type")}, {action.Text("description")}";
        }
        foreach (var approval in Of("approval"))
            yield return $"[{approval.Text("status")}] asked by {names.Of(approval.Guid("asked_by"))}: "
                + approval.Text("request")
                + (
                    approval.Guid("decided_by") is { } by
                        ? $"; {names.Of(by)}: {approval.Text("reason")}"
                        : ""
                );
        var corrected = Of("comment").Select(one => one.Guid("corrects")).ToHashSet();
        foreach (var comment in Of("comment").Where(one => !corrected.Contains(one.Id)))
            yield return $"{Time(comment.CreatedAt)} {names.Of(comment.CreatedBy)} wrote: "
                + comment.Text("body");
    }

    IEnumerable<string> Resolved()
    {
        yield return $"severity {opened.Text("severity")} as proposed"
            + (Of("severity").Any() ? "" : ", and nobody has decided otherwise");
        foreach (var severity in Of("severity"))
            yield return $"{Time(severity.CreatedAt)} {names.Of(severity.CreatedBy)}: severity "
                + $"{severity.Text("severity")}, {severity.Text("reason")}";
        foreach (var disposition in Of("disposition"))
            yield return $"{Time(disposition.CreatedAt)} {names.Of(disposition.CreatedBy)}: "
                + $"{disposition.Text("disposition")!.Replace('_', ' ')}, {disposition.Text("reason")}";
        if (opened.Time("resolved_at") is { } resolved)
            yield return $"{Time(resolved)} resolved by {names.Of(opened.Guid("resolved_by"))}, after "
                + Span(resolved - opened.CreatedAt);
        foreach (var attestation in Of("attestation"))
            yield return $"{Time(attestation.CreatedAt)} attested by {names.Of(attestation.CreatedBy)} as "
                + $"{attestation.Text("as_role")}: {attestation.Text("statement")}";
        yield return opened.Time("closed_at") is { } closed
            ? $"{Time(closed)} closed by {names.Of(opened.Guid("closed_by"))}"
            : $"not closed: {opened.Text("status")!.Replace('_', ' ')}";
    }

    IEnumerable<string> Proved()
    {
        var refusals = rows.Count(row => row.IsRefusal);
        yield return $"{rows.Count} audit entries, {refusals} of them refused attempts";
        foreach (var item in Of("evidence"))
            yield return $"{item.Text("evidence_type")} '{item.Text("title")}', sha256 {item.Text("hash")}";
        foreach (var seal in Of("case_seal"))
            yield return $"sealed over {seal.Text("leaf_count")} entries; check: "
                + $"sentinel verify case {names.Of(opened.Id)}";
        if (!Of("case_seal").Any())
            yield return "not sealed: closing seals it";
    }

    string Link(LoggedThing link)
    {
        var above = link.Guid("parent_case_id") == opened.Id;
        var other = names.Of(link.Guid(above ? "child_case_id" : "parent_case_id"));
        return link.Text("relationship_type") switch
        {
            "parent" => above ? $"{other} is a part of it" : $"a part of {other}",
            "merged" => above ? $"{other} is merged into it" : $"merged into {other}",
            "follow_on" => above ? $"{other} follows on it" : $"follows on {other}",
            _ => $"related to {other}",
        };
    }

    /// <summary>Those in force; what was taken back stays in the rows.</summary>
    IEnumerable<LoggedThing> Of(string kind) =>
        things.Where(thing => thing.Kind == kind && thing.TakenBack is null);

    static string Time(DateTimeOffset? time) => time is { } at ? AccountText.Time(at) : "never";

    static string Span(TimeSpan span) =>
        span.TotalMinutes < 1 ? $"{Math.Max(0, (int)span.TotalSeconds)} s"
        : span.TotalHours < 1 ? $"{(int)span.TotalMinutes} min"
        : span.TotalDays < 2
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{(int)span.TotalHours} h {span.Minutes} min"
            )
        : $"{(int)span.TotalDays} days";
}
