namespace Sentinel.Policies.Sigma;

/// <summary>Which events a rule takes: their type, and what else they must be.</summary>
sealed record EventChoice(string Type, PolicyTerm Where);

/// <summary>
/// Log sources of Sigma's taxonomy as types of events. What a type is made of is the text of the sources
/// in <c>policies</c>; here stands only which of them a rule means.
/// </summary>
static class LogSources
{
    /// <summary>Categories of Windows whose events the sources call by the same name.</summary>
    static readonly HashSet<string> windowsCategories =
    [
        "clipboard_capture",
        "create_remote_thread",
        "create_stream_hash",
        "dns_query",
        "driver_load",
        "file_block_executable",
        "file_block_shredding",
        "file_change",
        "file_delete",
        "file_delete_detected",
        "file_event",
        "file_executable_detected",
        "image_load",
        "network_connection",
        "pipe_created",
        "process_access",
        "process_creation",
        "process_tampering",
        "process_termination",
        "ps_classic_provider_start",
        "ps_classic_script",
        "ps_classic_start",
        "ps_module",
        "ps_script",
        "raw_access_thread",
        "registry_event",
        "sysmon_error",
        "sysmon_status",
        "wmi_event",
    ];

    /// <summary>Categories that share their events with another one.</summary>
    static readonly Dictionary<string, EventChoice> windowsParts = new()
    {
        ["registry_add"] = Of("windows.registry_event", "EventID ==", "12"),
        ["registry_delete"] = Of("windows.registry_event", "EventID ==", "12"),
        ["registry_set"] = Of("windows.registry_event", "EventID ==", "13"),
        ["registry_rename"] = Of("windows.registry_event", "EventID ==", "14"),
        ["file_access"] = Of("windows.kernel_file"),
        ["file_rename"] = Of("windows.kernel_file"),
    };

    /// <summary>Products whose sources give each category or service a type of its own.</summary>
    static readonly Dictionary<string, string[]> typed = new()
    {
        ["linux"] = ["process_creation", "file_event", "network_connection"],
        ["macos"] = ["process_creation", "file_event"],
        ["aws"] = ["cloudtrail"],
        ["azure"] = ["activitylogs", "auditlogs", "riskdetection", "signinlogs"],
        ["bitbucket"] = ["audit"],
        ["cisco"] = ["duo"],
        ["fortigate"] = ["event"],
        ["gcp"] = ["gcp.audit", "google_workspace.admin", "google_workspace.login"],
        ["github"] = ["audit"],
        ["kubernetes"] = ["audit"],
        ["m365"] = ["audit", "exchange", "threat_management"],
        ["okta"] = ["okta"],
        ["onelogin"] = ["onelogin.events"],
        ["opencanary"] = ["application"],
        ["qualys"] = [],
        ["rpc_firewall"] = ["application"],
        ["zeek"] =
        [
            "conn",
            "dce_rpc",
            "dns",
            "http",
            "kerberos",
            "rdp",
            "smb_files",
            "ssl",
            "x509",
        ],
        ["django"] = ["application"],
        ["jvm"] = ["application"],
        ["nodejs"] = ["application"],
        ["python"] = ["application"],
        ["ruby_on_rails"] = ["application"],
        ["spring"] = ["application"],
        ["velocity"] = ["application"],
    };

    /// <summary>Services whose events are those of another one, or of a whole product.</summary>
    static readonly Dictionary<string, Dictionary<string, EventChoice>> shared = new()
    {
        ["azure"] = new() { ["pim"] = Of("azure.riskdetection") },
        ["cisco"] = new()
        {
            ["aaa"] = Of("cisco.log"),
            ["bgp"] = Of("cisco.log"),
            ["ldp"] = Of("cisco.log"),
            ["syslog"] = Of("cisco.log"),
        },
        ["fortios"] = new() { ["sslvpnd"] = Of("fortigate.event") },
        ["huawei"] = new() { ["bgp"] = Of("huawei.log") },
        ["juniper"] = new() { ["bgp"] = Of("juniper.log") },
        ["m365"] = new() { ["threat_detection"] = Of("m365.threat_management") },
        ["paloalto"] = new() { ["globalprotect"] = Of("paloalto.log") },
        ["sql"] = new() { ["application"] = Of("database.query") },
    };

    /// <summary>Categories and services that are no single product's.</summary>
    static readonly Dictionary<string, EventChoice> general = new()
    {
        ["antivirus"] = Of("antivirus.detection"),
        ["apache"] = Of("any", "source_system startswith", "'web.apache'"),
        ["database"] = Of("database.query"),
        ["dns"] = Of("dns.query"),
        ["firewall"] = Of("firewall.event"),
        ["netflow"] = Of("network.flow"),
        ["nginx"] = Of("any", "source_system startswith", "'web.nginx'"),
        ["proxy"] = Of("proxy.request"),
        ["webserver"] = Of("web.request"),
    };

    /// <summary>Services whose lines say which program wrote them.</summary>
    static readonly HashSet<string> linuxPrograms = ["sshd", "sudo", "vsftpd"];

    /// <summary>Null where no source makes such events.</summary>
    public static EventChoice? Find(LogSource source) =>
        source switch
        {
            { Product: "windows" } => Windows(source),
            { Product: { } product }
                when shared.TryGetValue(product, out var choices)
                    && choices.TryGetValue(
                        source.Service ?? source.Category ?? "",
                        out var choice
                    ) => choice,
            { Product: "linux", Category: null } => Linux(source.Service),
            { Product: { } product } => Typed(product, source.Service ?? source.Category),
            _ => General(source),
        };

    static EventChoice? Windows(LogSource source)
    {
        var channels = source.Service is { } service ? WindowsChannels.Of(service) : [];
        if (channels is null)
            return null;
        var where = channels.Count switch
        {
            0 => PolicyTerm.Always,
            1 => new PolicyTerm.Atom("Channel ==", channels),
            _ => new PolicyTerm.Atom("Channel in", channels),
        };
        if (source.Category is not { } category)
            return new EventChoice("windows.*", where);
        var choice = windowsCategories.Contains(category)
            ? Of("windows." + category)
            : windowsParts.GetValueOrDefault(category);
        return choice is null
            ? null
            : choice with
            {
                Where = PolicyTerm.AllOf([choice.Where, where]),
            };
    }

    static EventChoice? Linux(string? service) =>
        service switch
        {
            null or "auth" or "syslog" => Of("any", "source_system startswith", "'linux.'"),
            "auditd" => Of("linux.auditd"),
            "clamav" => Of("any", "program startswith", "'clam'"),
            "cron" => Of("any", "program in", "(cron, crond, anacron, crontab)"),
            "guacamole" => Of("any", "program in", "(guacamole, guacd)"),
            _ when linuxPrograms.Contains(service) => Of("any", "program ==", $"'{service}'"),
            _ => null,
        };

    static EventChoice? Typed(string product, string? kind)
    {
        if (!typed.TryGetValue(product, out var kinds))
            return null;
        return kind is null ? Of(product + ".*")
            : kinds.Contains(kind) ? Of(kind.Contains('.') ? kind : $"{product}.{kind}")
            : null;
    }

    static EventChoice? General(LogSource source)
    {
        if ((source.Service ?? source.Category) is not { } name)
            return null;
        if (general.TryGetValue(name, out var choice))
            return choice;
        // The category of several products, as when a rule about processes names none.
        return windowsCategories.Contains(name) && source.Service is null
            ? Of("any", "type ==", $"'{name}'")
            : null;
    }

    static EventChoice Of(string type, string? head = null, string? value = null) =>
        new(type, head is null ? PolicyTerm.Always : new PolicyTerm.Atom(head, [value!]));
}
