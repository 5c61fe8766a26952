using NpgsqlTypes;
using Sentinel.Policies.Model;
using Sentinel.Postgres.Access;

namespace Sentinel.Siem.Rules;

/// <summary>The rules as rows: each version once, and which of them are on.</summary>
static class RuleStore
{
    /// <summary>
    /// Makes the rows of the set's rules, switches them on, and switches off what is no longer active. Under
    /// the writer's lock; does nothing where the set is the one of the batch before.
    /// </summary>
    /// <param name="builtIn">Rules that belong to the program and are always on.</param>
    public static async Task FollowAsync(
        PresentedTransaction work,
        PolicySet set,
        IReadOnlyList<RuleDeclaration> builtIn,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (await IsFollowedAsync(work, set, cancellation))
            return;
        foreach (var rule in set.Policy.Rules)
            await InsertAsync(work, set.Published(rule.Text), rule, now, cancellation);
        foreach (var rule in builtIn)
            await InsertAsync(work, new("built-in", 1, rule.Text), rule, now, cancellation);
        var active = set.Policy.Rules.Concat(builtIn).Select(rule => rule.Id).ToArray();
        await ActivateAsync(work, active, now, cancellation);
        await InsertSetAsync(work, set, now, cancellation);
    }

    static async Task<bool> IsFollowedAsync(
        PresentedTransaction work,
        PolicySet set,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT policy_set_sha256 = $2 FROM siem.batches
            WHERE organisation_id = $1 ORDER BY number DESC LIMIT 1
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(set.Sha256);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    static async Task InsertAsync(
        PresentedTransaction work,
        PublishedText published,
        RuleDeclaration rule,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO siem.correlation_rules (organisation_id, id, name, description, logic, severity,
                policy_name, policy_version, policy_sha256, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (organisation_id, id) DO NOTHING
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(rule.Id);
        command.Parameters.AddWithValue(rule.Name);
        command.Parameters.AddWithValue(rule.Description);
        command.Parameters.AddWithValue(NpgsqlDbType.Jsonb, rule.Logic);
        command.Parameters.AddWithValue(rule.Severity);
        command.Parameters.AddWithValue(published.Name);
        command.Parameters.AddWithValue(published.Version);
        command.Parameters.AddWithValue(rule.Text.Sha256);
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    static async Task ActivateAsync(
        PresentedTransaction work,
        Guid[] active,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO siem.rule_activations (organisation_id, id, rule_id, enabled, activated_at)
            SELECT organisation_id, gen_random_uuid(), id, id = ANY ($2), $3
            FROM siem.correlation_rules
            WHERE organisation_id = $1 AND enabled <> (id = ANY ($2))
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(active);
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    static async Task InsertSetAsync(
        PresentedTransaction work,
        PolicySet set,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO siem.policy_sets (organisation_id, sha256, policy_names, policy_versions,
                policy_sha256s, first_used_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (organisation_id, sha256) DO NOTHING
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(set.Sha256);
        command.Parameters.AddWithValue(set.Texts.Select(text => text.Name).ToArray());
        command.Parameters.AddWithValue(set.Texts.Select(text => text.Version).ToArray());
        command.Parameters.AddWithValue(set.Texts.Select(text => text.Text.Sha256).ToArray());
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
