using System.Globalization;
using Sentinel.IntegrationTests.Support;

namespace Sentinel.IntegrationTests.Postgres;

/// <summary>Audit rows as any context writes them, one transaction each.</summary>
static class AuditSample
{
    public static readonly Guid Organisation = Guid.Parse("00000000-0000-0000-0000-0000000000a1");
    public static readonly Guid Story = Guid.Parse("00000000-0000-0000-0000-0000000000c1");

    public static async Task AddAsync(TestDatabase database, int count, string schema = "siem")
    {
        for (var row = 0; row < count; row++)
            await database.RunAsSuperuserAsync(
                $$"""
                INSERT INTO {{schema}}.audit_log
                    (organisation_id, action, entity_type, entity_id, subject_id, metadata)
                VALUES ('{{Organisation}}', 'case.changed', 'case', '{{Story}}', '{{Story}}',
                    '{"place": {{row.ToString(
                    CultureInfo.InvariantCulture
                )}}, "é": ["\u0001", 1e30, 0.5]}')
                """
            );
    }

    /// <summary>What a superuser can do, and no application role can.</summary>
    public static Task TamperAsync(TestDatabase database, string sql) =>
        database.RunAsSuperuserAsync(
            $"""
            ALTER TABLE siem.audit_log DISABLE TRIGGER ALL;
            ALTER TABLE siem.audit_leaves DISABLE TRIGGER ALL;
            ALTER TABLE siem.audit_checkpoints DISABLE TRIGGER ALL;
            {sql};
            ALTER TABLE siem.audit_log ENABLE TRIGGER ALL;
            ALTER TABLE siem.audit_leaves ENABLE TRIGGER ALL;
            ALTER TABLE siem.audit_checkpoints ENABLE TRIGGER ALL;
            """
        );

    /// <summary>A row's own leaf hash, computed as the trigger does it.</summary>
    public const string LeafOfRow = """
        sha256('\x00'::bytea || convert_to(access.canonical_json(jsonb_build_object(
            'id', id, 'organisation_id', organisation_id, 'actor_id', actor_id,
            'actor_kind', actor_kind, 'on_behalf_of', on_behalf_of,
            'credential_id', credential_id, 'action', action,
            'entity_type', entity_type, 'entity_id', entity_id, 'subject_id', subject_id,
            'timestamp', access.canonical_time(timestamp), 'position', position,
            'transaction_id', transaction_id::text, 'metadata', metadata)
            || CASE WHEN policy_version IS NULL THEN '{}'
                ELSE jsonb_build_object('policy_version', policy_version) END), 'UTF8'))
        """;
}
