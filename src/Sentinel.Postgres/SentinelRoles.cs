namespace Sentinel.Postgres;

/// <summary>The roles of the running parts, by their names in PostgreSQL.</summary>
public static class SentinelRoles
{
    /// <summary>Owns every object and cannot log in.</summary>
    public const string Owner = "sentinel_owner";

    public const string Siem = "siem";
    public const string Psa = "psa";
    public const string Jobs = "jobs";
    public const string Replay = "replay";
    public const string Signer = "signer";
    public const string Auditor = "auditor";
    public const string Backup = "backup";

    /// <summary>Those that log in, each with a password in <c>secrets/&lt;role&gt;</c>.</summary>
    public static readonly IReadOnlyList<string> WithLogin =
    [
        Siem,
        Psa,
        Jobs,
        Replay,
        Signer,
        Auditor,
        Backup,
    ];
}
