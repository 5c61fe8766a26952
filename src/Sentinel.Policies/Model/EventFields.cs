namespace Sentinel.Policies.Model;

/// <summary>The canonical fields, the same for every host, so that ordinals and meanings agree.</summary>
public static class EventFields
{
    /// <summary>
    /// A new table of the fields of every event. Category, type, severity, outcome, event_time and
    /// message come from the source; received_at and source_system from ingestion; asset, identity,
    /// country and network from enrichment. repeat_count is N of <c>message repeated N times</c>. rule,
    /// confidence and risk are those of hits, where a rule takes the hits of others.
    /// </summary>
    public static FieldTable CreateTable() =>
        new([
            ("category", FieldType.Text),
            ("type", FieldType.Text),
            ("severity", FieldType.Integer),
            ("outcome", FieldType.Text),
            ("event_time", FieldType.Time),
            ("received_at", FieldType.Time),
            ("source_system", FieldType.Text),
            ("host", FieldType.Text),
            ("program", FieldType.Text),
            ("pid", FieldType.Integer),
            ("message", FieldType.Text),
            ("user", FieldType.Text),
            ("target_user", FieldType.Text),
            ("source_ip", FieldType.Address),
            ("source_port", FieldType.Integer),
            ("destination_ip", FieldType.Address),
            ("destination_port", FieldType.Integer),
            ("protocol", FieldType.Text),
            ("process_name", FieldType.Text),
            ("command_line", FieldType.Text),
            ("parent_process", FieldType.Text),
            ("file_path", FieldType.Text),
            ("url", FieldType.Text),
            ("http_method", FieldType.Text),
            ("http_status", FieldType.Integer),
            ("user_agent", FieldType.Text),
            ("domain", FieldType.Text),
            ("email_from", FieldType.Text),
            ("email_to", FieldType.Text),
            ("action", FieldType.Text),
            ("session_id", FieldType.Text),
            ("key", FieldType.Text),
            ("method", FieldType.Text),
            ("asset", FieldType.Text),
            ("asset_id", FieldType.Text),
            ("asset_criticality", FieldType.Integer),
            ("identity_role", FieldType.Text),
            ("source_country", FieldType.Text),
            ("source_asn", FieldType.Integer),
            ("clock_drift", FieldType.Boolean),
            ("tags", FieldType.TextList),
            ("repeat_count", FieldType.Integer),
            ("rule", FieldType.Text),
            ("confidence", FieldType.Integer),
            ("risk", FieldType.Integer),
            ("ocsf_class", FieldType.Integer),
        ]);

    /// <summary>What the source's text, ingestion and enrichment say of an event, whatever its record claims.</summary>
    public static IReadOnlySet<string> NeverFromMembers { get; } =
        new HashSet<string>
        {
            "category",
            "type",
            "severity",
            "outcome",
            "event_time",
            "received_at",
            "source_system",
            "asset",
            "asset_id",
            "asset_criticality",
            "identity_role",
            "source_country",
            "source_asn",
            "clock_drift",
            "tags",
            "repeat_count",
            "ocsf_class",
        };

    const string OfRecord = "member_";

    /// <summary>
    /// The field of an open record's member: of the same name, or with <c>member_</c> before it where the
    /// event has a field of that name which never comes from a record.
    /// </summary>
    public static string FieldOf(string member) =>
        NeverFromMembers.Contains(member) ? OfRecord + member : member;

    /// <summary>The member that is this field of an open record.</summary>
    public static string MemberOf(string field) =>
        field.StartsWith(OfRecord, StringComparison.Ordinal)
        && NeverFromMembers.Contains(field[OfRecord.Length..])
            ? field[OfRecord.Length..]
            : field;

    /// <summary>
    /// A new table of what an escalation may ask about: the finding, the asset that it concerns, and
    /// the finding's own fields (its key, and what its latest events agree on).
    /// </summary>
    public static FieldTable CreateFindingTable() =>
        new([
            ("finding.type", FieldType.Text),
            ("finding.severity", FieldType.Integer),
            ("finding.confidence", FieldType.Integer),
            ("finding.rule", FieldType.Text),
            ("finding.summary", FieldType.Text),
            ("asset.name", FieldType.Text),
            ("asset.criticality", FieldType.Integer),
            ("source_system", FieldType.Text),
            ("host", FieldType.Text),
            ("user", FieldType.Text),
            ("target_user", FieldType.Text),
            ("source_ip", FieldType.Address),
            ("destination_ip", FieldType.Address),
            ("identity_role", FieldType.Text),
            ("source_country", FieldType.Text),
        ]);
}
