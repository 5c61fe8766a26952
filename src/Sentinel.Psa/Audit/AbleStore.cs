using Sentinel.Postgres.Access;

namespace Sentinel.Psa.Audit;

/// <summary>Whom a refusal means by somebody else: who has the permission, and the role where one is asked for.</summary>
sealed record Able(string Permission, string? Role = null);

/// <summary>The people who could do it instead, by name: those who may, and to judge a case did none of its work.</summary>
static class AbleStore
{
    const int NamesMax = 5;

    static readonly string[] judging =
    [
        "case.attest",
        "case.close",
        "case.merge",
        "approval.decide",
    ];

    /// <summary>The refusal with the names that it means, for a person; a machine's vendor need not know them.</summary>
    /// <param name="caseId">The case that it is about, or null.</param>
    public static async Task<RuleRefusal> NamedAsync(
        PresentedTransaction work,
        RuleRefusal refusal,
        Guid? caseId,
        CancellationToken cancellation
    )
    {
        if (refusal.Able is not { } able || work.Actor.Kind != ActorKind.Person)
            return refusal;
        const string sql = """
            SELECT display_name FROM psa.users WHERE id IN (SELECT psa.unbiased($1, $2::uuid, $3, $4::text,
                psa.my_identities()))
            ORDER BY display_name, id
            """;
        await using var command = work.Command(sql)
            .With(
                work.Actor.OrganisationId,
                judging.Contains(able.Permission) ? caseId : null,
                able.Permission,
                able.Role
            );
        var names = await command.AllAsync(row => row.GetString(0), cancellation);
        return refusal with { Instead = refusal.Instead + Said(names), Able = null };
    }

    static string Said(IReadOnlyList<string> names) =>
        names.Count == 0 ? "; at the moment that is nobody"
        : names.Count <= NamesMax ? ": " + string.Join(", ", names)
        : $": {string.Join(", ", names.Take(NamesMax))} and {names.Count - NamesMax} more";
}
