using System.Globalization;
using System.Text.Json.Nodes;

namespace Sentinel.Tests.Policies.Sigma;

/// <summary>An event as a collector would send it: nested or flat, in the log that the rule is about.</summary>
static class SpecEnvelope
{
    const string Sysmon = "Microsoft-Windows-Sysmon/Operational";
    const string PowerShell = "Microsoft-Windows-PowerShell/Operational";
    const string Classic = "Windows PowerShell";

    static readonly Dictionary<string, (string Channel, int Id)> categories = new()
    {
        ["process_creation"] = (Sysmon, 1),
        ["file_change"] = (Sysmon, 2),
        ["network_connection"] = (Sysmon, 3),
        ["sysmon_status"] = (Sysmon, 16),
        ["process_termination"] = (Sysmon, 5),
        ["driver_load"] = (Sysmon, 6),
        ["image_load"] = (Sysmon, 7),
        ["create_remote_thread"] = (Sysmon, 8),
        ["raw_access_thread"] = (Sysmon, 9),
        ["process_access"] = (Sysmon, 10),
        ["file_event"] = (Sysmon, 11),
        ["registry_event"] = (Sysmon, 13),
        ["registry_add"] = (Sysmon, 12),
        ["registry_delete"] = (Sysmon, 12),
        ["registry_set"] = (Sysmon, 13),
        ["registry_rename"] = (Sysmon, 14),
        ["create_stream_hash"] = (Sysmon, 15),
        ["pipe_created"] = (Sysmon, 17),
        ["wmi_event"] = (Sysmon, 20),
        ["dns_query"] = (Sysmon, 22),
        ["file_delete"] = (Sysmon, 23),
        ["process_tampering"] = (Sysmon, 25),
        ["file_executable_detected"] = (Sysmon, 29),
        ["sysmon_error"] = (Sysmon, 255),
        ["file_access"] = ("Microsoft-Windows-Kernel-File/Analytic", 12),
        ["file_rename"] = ("Microsoft-Windows-Kernel-File/Analytic", 27),
        ["ps_classic_start"] = (Classic, 400),
        ["ps_classic_provider_start"] = (Classic, 600),
        ["ps_module"] = (PowerShell, 4103),
        ["ps_script"] = (PowerShell, 4104),
    };

    /// <summary>Channels of services, where the name does not say it.</summary>
    static readonly Dictionary<string, string> channels = new()
    {
        ["security"] = "Security",
        ["system"] = "System",
        ["application"] = "Application",
        ["sysmon"] = Sysmon,
        ["powershell-classic"] = Classic,
        ["windefend"] = "Microsoft-Windows-Windows Defender/Operational",
        ["appxdeployment-server"] = "Microsoft-Windows-AppXDeploymentServer/Operational",
        ["codeintegrity-operational"] = "Microsoft-Windows-CodeIntegrity/Operational",
        ["firewall-as"] = "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall",
        ["msexchange-management"] = "MSExchange Management",
        ["bits-client"] = "Microsoft-Windows-Bits-Client/Operational",
        ["dns-client"] = "Microsoft-Windows-DNS Client Events/Operational",
        ["taskscheduler"] = "Microsoft-Windows-TaskScheduler/Operational",
        ["iis-configuration"] = "Microsoft-IIS-Configuration/Operational",
        ["ntlm"] = "Microsoft-Windows-NTLM/Operational",
        ["security-mitigations"] = "Microsoft-Windows-Security-Mitigations/User Mode",
        ["wmi"] = "Microsoft-Windows-WMI-Activity/Operational",
        ["applocker"] = "Microsoft-Windows-AppLocker/EXE and DLL",
        ["dns-server"] = "DNS Server",
    };

    /// <summary>What is sent, also with what says of which log it is; null for a log that is not here.</summary>
    public static SpecEvent? Complete(SpecRule rule, SpecEvent candidate)
    {
        if (rule.Product != "windows")
            return candidate;
        var fields = new Dictionary<string, string?>(candidate.Fields);
        if (rule.Category is { } category)
        {
            if (!categories.TryGetValue(category, out var place))
                return null;
            fields.TryAdd("Channel", place.Channel);
            fields.TryAdd("EventID", place.Id.ToString(CultureInfo.InvariantCulture));
            if (category is "file_access" or "file_rename")
                fields["Provider_Name"] = "Microsoft-Windows-Kernel-File";
            return new SpecEvent(fields);
        }
        if (channels.GetValueOrDefault(rule.Service ?? "security") is not { } channel)
            return null;
        // A rule that also names channels of its own is about this one alone.
        fields["Channel"] = channel;
        fields.TryAdd("EventID", "1");
        return new SpecEvent(fields);
    }

    public static JsonObject Write(SpecRule rule, SpecEvent sent, bool nested) =>
        rule.Product != "windows" ? Record(sent.Fields)
        : nested ? Nested(sent.Fields)
        : Flat(sent.Fields);

    static JsonObject Nested(IReadOnlyDictionary<string, string?> fields)
    {
        string[] ofSystem = ["Channel", "EventID", "Level", "Computer"];
        var system = new JsonObject();
        var data = new JsonObject();
        foreach (var (name, value) in fields)
            if (name == "Provider_Name")
                system["Provider"] = new JsonObject
                {
                    ["#attributes"] = new JsonObject { ["Name"] = value },
                };
            else
                (ofSystem.Contains(name) ? system : data)[NameOf(name)] = Value(value);
        system["TimeCreated"] = new JsonObject
        {
            ["#attributes"] = new JsonObject { ["SystemTime"] = "2026-11-23T08:00:00.000Z" },
        };
        return new JsonObject
        {
            ["Event"] = new JsonObject { ["System"] = system, ["EventData"] = data },
        };
    }

    static JsonObject Flat(IReadOnlyDictionary<string, string?> fields)
    {
        var record = Record(fields);
        record["@timestamp"] = "2026-11-23T08:00:00.000Z";
        return record;
    }

    static JsonObject Record(IReadOnlyDictionary<string, string?> fields)
    {
        var record = new JsonObject();
        foreach (var (name, value) in fields)
            record[NameOf(name)] = Value(value);
        return record;
    }

    /// <summary>Keywords stand in some member: here in the message.</summary>
    static string NameOf(string field) => field.Length == 0 ? "Message" : field;

    /// <summary>A number where it is written like one.</summary>
    static JsonValue? Value(string? value) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n)
        && n.ToString(CultureInfo.InvariantCulture) == value
            ? JsonValue.Create(n)
            : JsonValue.Create(value);
}
