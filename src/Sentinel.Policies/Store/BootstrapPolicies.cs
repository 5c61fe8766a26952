using Npgsql;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Store;

public abstract record BootstrapPoliciesOutcome
{
    public sealed record Done(int Files) : BootstrapPoliciesOutcome;

    /// <summary>The organisation has policies: from now on two people change them.</summary>
    public sealed record AlreadyThere : BootstrapPoliciesOutcome;

    public sealed record Rejected(IReadOnlyList<Diagnostic> Diagnostics) : BootstrapPoliciesOutcome;
}

/// <summary>
/// Gives a new organisation the shipped policies, active at once; their approval is the bootstrap
/// entry of the audit log. Only who may migrate can do it, and only once.
/// </summary>
public sealed class BootstrapPolicies(TimeProvider clock)
{
    /// <param name="migratingConnectionString">The user that migrates, as <c>SENTINEL_DATABASE</c> names it.</param>
    public async Task<BootstrapPoliciesOutcome> RunAsync(
        string migratingConnectionString,
        Guid organisationId,
        IReadOnlyList<PolicyText> shipped,
        CancellationToken cancellation
    )
    {
        var loaded = PolicySet.Load(shipped, []);
        if (loaded is not PolicyLoad.Loaded { Policy: var policy })
            return new BootstrapPoliciesOutcome.Rejected(((PolicyLoad.Rejected)loaded).Diagnostics);
        var settings = new NpgsqlConnectionStringBuilder(migratingConnectionString)
        {
            Pooling = false,
        };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await RunAsync(connection, BecomeOwner, cancellation);
        var known = await PolicyStore.HistoryAsync(connection, organisationId, null, cancellation);
        if (known.Count > 0)
            return new BootstrapPoliciesOutcome.AlreadyThere();
        foreach (var text in shipped)
            await PublishAsync(connection, organisationId, policy, text, cancellation);
        await NoteAsync(connection, organisationId, shipped.Count, cancellation);
        await RunAsync(connection, LeaveOwner, cancellation);
        await transaction.CommitAsync(cancellation);
        return new BootstrapPoliciesOutcome.Done(shipped.Count);
    }

    async Task PublishAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        Policy policy,
        PolicyText text,
        CancellationToken cancellation
    )
    {
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var version = new PolicyVersion(id, text, 1, Guid.Empty, now, Approved: true, Active: true);
        var logic = PolicyLogic.Write(policy, text);
        await PolicyStore.InsertVersionAsync(
            connection,
            organisationId,
            version,
            logic,
            cancellation
        );
        await PolicyStore.InsertActivationAsync(
            connection,
            organisationId,
            id,
            Guid.Empty,
            now,
            cancellation
        );
    }

    static async Task NoteAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        int files,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.audit_log (organisation_id, action, entity_type, entity_id, subject_id, metadata)
            VALUES ($1, 'policy.bootstrapped', 'organisation', $1, $1, jsonb_build_object('files', $2::integer))
            """;
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(files);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    static async Task RunAsync(
        NpgsqlConnection connection,
        string sql,
        CancellationToken cancellation
    )
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    // A superuser may become the owner as it is; whoever else migrates lends it to themselves and
    // gives it back before the transaction ends, so that nobody stays a member.
    const string BecomeOwner = """
        DO $$ BEGIN
            IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
                GRANT sentinel_owner TO CURRENT_USER;
            END IF;
        END $$;
        SET LOCAL ROLE sentinel_owner;
        """;

    const string LeaveOwner = """
        RESET ROLE;
        DO $$ BEGIN
            IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
                REVOKE sentinel_owner FROM CURRENT_USER;
            END IF;
        END $$;
        """;
}
