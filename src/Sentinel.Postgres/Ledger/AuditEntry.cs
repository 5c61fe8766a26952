using System.Globalization;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace Sentinel.Postgres.Ledger;

/// <summary>A row of an audit log, as its leaf covers it.</summary>
/// <param name="UnderPolicy">Name, version and SHA-256; null where no policy stands behind it.</param>
/// <param name="TransactionId">Null for a row from before its leaf covered it.</param>
public sealed record AuditEntry(
    Guid Id,
    Guid OrganisationId,
    Guid ActorId,
    string ActorKind,
    Guid? OnBehalfOf,
    Guid? CredentialId,
    string Action,
    string EntityType,
    Guid? EntityId,
    Guid? SubjectId,
    DateTimeOffset Timestamp,
    long Position,
    string MetadataJson,
    string? UnderPolicy,
    string? TransactionId
)
{
    /// <summary>What a leaf hashes: this row as RFC 8785 writes it, like the database's trigger.</summary>
    public byte[] LeafContent()
    {
        var text = new StringBuilder("{");
        Add("action", Quoted(Action));
        Add("actor_id", Quoted(ActorId));
        Add("actor_kind", Quoted(ActorKind));
        Add("credential_id", Quoted(CredentialId));
        Add("entity_id", Quoted(EntityId));
        Add("entity_type", Quoted(EntityType));
        Add("id", Quoted(Id));
        using (var metadata = JsonDocument.Parse(MetadataJson))
            Add("metadata", CanonicalJson.Text(metadata.RootElement));
        Add("on_behalf_of", Quoted(OnBehalfOf));
        Add("organisation_id", Quoted(OrganisationId));
        if (UnderPolicy is not null)
            Add("policy_version", Quoted(UnderPolicy));
        Add("position", Position.ToString(CultureInfo.InvariantCulture));
        Add("subject_id", Quoted(SubjectId));
        Add("timestamp", Quoted(Microseconds(Timestamp)));
        if (TransactionId is not null)
            Add("transaction_id", Quoted(TransactionId));
        return Encoding.UTF8.GetBytes(text.Append('}').ToString());

        void Add(string name, string value) =>
            text.Append(text.Length > 1 ? "," : "")
                .Append('"')
                .Append(name)
                .Append("\":")
                .Append(value);
    }

    /// <summary>Of a table or join named <c>log</c>.</summary>
    public const string Columns = """
        log.id, log.organisation_id, log.actor_id, log.actor_kind, log.on_behalf_of,
        log.credential_id, log.action, log.entity_type, log.entity_id, log.subject_id,
        log.timestamp, log.position, log.metadata::text,
        log.policy_version, log.transaction_id::text, log.leaf_hash
        """;

    public const int LeafHashColumn = 15;

    /// <summary>Reads <see cref="Columns"/>, which come first in the row.</summary>
    /// <param name="row">Where it stands now.</param>
    /// <param name="holds">Whether the row is still what its leaf was made of.</param>
    public static AuditEntry Read(NpgsqlDataReader row, out bool holds)
    {
        var entry = new AuditEntry(
            row.GetGuid(0),
            row.GetGuid(1),
            row.GetGuid(2),
            row.GetString(3),
            Nullable(row, 4),
            Nullable(row, 5),
            row.GetString(6),
            row.GetString(7),
            Nullable(row, 8),
            Nullable(row, 9),
            row.GetFieldValue<DateTimeOffset>(10),
            row.GetInt64(11),
            row.GetString(12),
            row.IsDBNull(13) ? null : row.GetString(13),
            row.GetString(14)
        );
        var stored = row.GetFieldValue<byte[]>(LeafHashColumn);
        holds = entry.IsLeafOf(stored);
        if (holds)
            return entry;
        var before = entry with { TransactionId = null };
        holds = before.IsLeafOf(stored);
        return holds ? before : entry;
    }

    bool IsLeafOf(ReadOnlySpan<byte> leafHash) =>
        MerkleTree.LeafHash(LeafContent()).AsSpan().SequenceEqual(leafHash);

    static Guid? Nullable(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetGuid(column);

    static string Quoted(Guid? id) => id is { } value ? $"\"{value:D}\"" : "null";

    static string Quoted(string value)
    {
        var text = new StringBuilder();
        CanonicalJson.AppendString(text, value);
        return text.ToString();
    }

    static string Microseconds(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
