using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sentinel.Policies.Model;
using Sentinel.Postgres.Ledger;

namespace Sentinel.Policies.Store;

/// <summary>The compiled form of one file as JSON, which is stored beside its text.</summary>
static class PolicyLogic
{
    /// <summary>Grows whenever the same text is written in another way: what is stored stays as it is.</summary>
    public const int Format = 1;

    public static string Write(Policy policy, PolicyText file)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("sha256", file.Sha256);
            Write(json, "sources", policy.Sources.Where(s => s.Text.Path == file.Path), Source);
            Write(json, "lists", policy.Lists.Where(l => l.Text.Path == file.Path), List);
            Write(
                json,
                "rules",
                policy.Rules.Where(r => r.Text.Path == file.Path),
                (writer, rule) => writer.WriteRawValue(rule.Logic)
            );
            Write(json, "slas", policy.Slas.Where(s => s.Text.Path == file.Path), Sla);
            Write(
                json,
                "calendars",
                policy.Calendars.Where(c => c.Text.Path == file.Path),
                Calendar
            );
            Write(json, "mappings", policy.Mappings.Where(m => m.Text.Path == file.Path), Mapping);
            Write(
                json,
                "retentions",
                policy.Retentions.Where(r => r.Text.Path == file.Path),
                Retention
            );
            Write(
                json,
                "escalations",
                policy.Escalations.Where(e => e.Text.Path == file.Path),
                EscalationOf
            );
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Of its canonical form, as the database makes it too.</summary>
    public static string Sha256(string logic)
    {
        using var json = JsonDocument.Parse(logic);
        return Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalJson.Text(json.RootElement)))
        );
    }

    static void Write<T>(
        Utf8JsonWriter json,
        string name,
        IEnumerable<T> items,
        Action<Utf8JsonWriter, T> write
    )
    {
        json.WriteStartArray(name);
        foreach (var item in items)
            write(json, item);
        json.WriteEndArray();
    }

    static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> texts) =>
        Write(json, name, texts, (writer, text) => writer.WriteStringValue(text));

    static void Source(Utf8JsonWriter json, SourceDeclaration source)
    {
        json.WriteStartObject();
        json.WriteString("source", source.Name);
        json.WriteString("format", source.Format.ToString().ToLowerInvariant());
        Texts(json, "accepts", source.Accepts.Select(c => c.Text));
        json.WriteNumber("lateness_seconds", source.Lateness.TotalSeconds);
        if (source.SilentAfter is { } silent)
            json.WriteNumber("silent_after_seconds", silent.TotalSeconds);
        if (source.SeverityMap is { } map)
            Texts(
                json,
                "severity_map",
                map.Steps.Select(s =>
                    $"{map.Path}: {s.First}{(s.Last is null ? "" : $" to {s.Last}")} = {s.Severity}"
                )
            );
        Write(
            json,
            "lines",
            source.Lines,
            (writer, line) =>
            {
                writer.WriteStartObject();
                writer.WriteString("template", line.Text);
                Shape(writer, line.Is);
                writer.WriteEndObject();
            }
        );
        Write(
            json,
            "maps",
            source.Maps,
            (writer, map) =>
            {
                writer.WriteStartObject();
                Texts(writer, "when", map.When.Select(c => c.Text));
                Texts(writer, "fields", map.Members.Select(m => $"{m.Field.Name} = {m.Path}"));
                Shape(writer, map.Is);
                writer.WriteEndObject();
            }
        );
        json.WriteEndObject();
    }

    static void Shape(Utf8JsonWriter json, EventShape shape)
    {
        json.WriteString("is", $"{shape.Category}.{shape.Type}");
        json.WriteNumber("severity", shape.Severity);
        if (shape.OcsfClass is { } ocsf)
            json.WriteNumber("ocsf_class", ocsf);
        json.WriteString("outcome", shape.Outcome);
        Texts(json, "tags", shape.Tags);
    }

    static void List(Utf8JsonWriter json, ListDeclaration list)
    {
        json.WriteStartObject();
        json.WriteString("list", list.Name);
        json.WriteString("type", list.Type.ToString().ToLowerInvariant());
        Write(
            json,
            "entries",
            list.Entries,
            (writer, entry) =>
            {
                writer.WriteStartObject();
                writer.WriteString("value", entry.Value);
                writer.WriteString("until", entry.Until?.ToString("O"));
                writer.WriteString("because", entry.Because);
                writer.WriteEndObject();
            }
        );
        json.WriteEndObject();
    }

    static void Sla(Utf8JsonWriter json, SlaDeclaration sla)
    {
        json.WriteStartObject();
        json.WriteString("sla", sla.Name);
        json.WriteNumber("respond_seconds", sla.Respond.TotalSeconds);
        json.WriteNumber("resolve_seconds", sla.Resolve.TotalSeconds);
        if (sla.WarnAtPercent is { } percent)
            json.WriteNumber("warn_at_percent", percent);
        json.WriteString("calendar", sla.Calendar);
        if (sla.Pauses.Count > 0)
            Texts(json, "pauses", sla.Pauses.Select(p => p.Cause));
        if (sla.Steps.Count > 0)
            Texts(json, "steps", sla.Steps.Select(StepOf));
        json.WriteEndObject();
    }

    static string StepOf(SlaStep step) =>
        $"{step.Of} {step.Percent}%: notify {string.Join(", ", step.Notify)}; queue {step.Queue}";

    static void Calendar(Utf8JsonWriter json, CalendarDeclaration calendar)
    {
        json.WriteStartObject();
        json.WriteString("calendar", calendar.Name);
        json.WriteString("zone", calendar.Zone.Id);
        Texts(json, "hours", calendar.Hours.Select(h => $"{h.Day} from {h.From} to {h.To}"));
        Texts(
            json,
            "holidays",
            calendar.Holidays.Select(h =>
                (h.Yearly ? $"every {h.Date:MM-dd} " : $"{h.Date:yyyy-MM-dd} ") + h.Name
            )
        );
        json.WriteEndObject();
    }

    static void EscalationOf(Utf8JsonWriter json, EscalationDeclaration escalation)
    {
        json.WriteStartObject();
        json.WriteString("escalation", escalation.Name);
        json.WriteNumber("order", escalation.Order);
        Texts(json, "when", escalation.When.Select(c => c.Text));
        json.WriteString("open", escalation.CaseType);
        json.WriteString("sla", escalation.Sla);
        json.WriteString("queue", escalation.Queue);
        json.WriteString("owner", escalation.Owner);
        json.WriteString("workflow", escalation.Workflow);
        Texts(json, "tasks", escalation.Tasks.Select(t => $"{t.TaskType}: {t.Description}"));
        Texts(
            json,
            "evidence",
            escalation.ToClose.Evidence.Select(e => $"{e.EvidenceType} at least {e.AtLeast}")
        );
        Texts(json, "attestation_by", escalation.ToClose.AttestationByRole);
        Texts(
            json,
            "severity_map",
            escalation.Severity.Map.Select(s => $"{s.Lowest} to {s.Highest} = {s.Value}")
        );
        Texts(json, "notify", escalation.Notify.Select(n => $"{n.Who} when {n.When}"));
        json.WriteEndObject();
    }

    static void Mapping(Utf8JsonWriter json, MappingDeclaration mapping)
    {
        json.WriteStartObject();
        json.WriteString("mapping", mapping.Name);
        Texts(json, "severities", mapping.Severities.Select(p => $"{p.Key} = {p.Value}"));
        Texts(json, "categories", mapping.Categories.Select(p => $"{p.Key} = {p.Value}"));
        json.WriteString("asset", mapping.Asset);
        json.WriteEndObject();
    }

    static void Retention(Utf8JsonWriter json, RetentionDeclaration retention)
    {
        json.WriteStartObject();
        json.WriteString("retention", retention.Name);
        Texts(json, "sources", retention.Sources);
        if (retention.Raw is { } raw)
            json.WriteNumber("raw_seconds", raw.TotalSeconds);
        json.WriteNumber("events_seconds", retention.Events.TotalSeconds);
        json.WriteString("archive", retention.Archive);
        json.WriteEndObject();
    }
}
