using System.Collections.Concurrent;
using Npgsql;
using Sentinel.Policies.Model;
using Sentinel.Postgres.Access;

namespace Sentinel.Siem.Rules;

/// <summary>The border to schema policy: what is published, as text.</summary>
public interface IPolicyTextStore
{
    /// <summary>The texts that are active for the presented organisation.</summary>
    Task<IReadOnlyList<PublishedText>> ActiveAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    );

    /// <summary>Texts that were active once, by hash; also readable to the role that replays.</summary>
    Task<IReadOnlyList<PolicyText>> TextsAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        IReadOnlyList<string> sha256s,
        CancellationToken cancellation
    );
}

/// <summary>Compiled sets of policy, each compiled once.</summary>
/// <param name="builtIn">Texts that belong to the program and are never published.</param>
public sealed class PolicySets(IPolicyTextStore published, IReadOnlyList<PolicyText> builtIn)
{
    const int SetsKeptMax = 64;

    readonly ConcurrentDictionary<string, PolicySet> compiled = new();

    /// <summary>What is active for the presented organisation now.</summary>
    public async Task<PolicySet> ActiveAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    ) => Compiled(await published.ActiveAsync(work, cancellation));

    /// <summary>The text of one hash, built in or published, whether or not it is still active.</summary>
    public async Task<PolicyText> TextAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        string sha256,
        CancellationToken cancellation
    )
    {
        if (builtIn.FirstOrDefault(text => text.Sha256 == sha256) is { } known)
            return known;
        var texts = await published.TextsAsync(connection, organisationId, [sha256], cancellation);
        return texts.Single();
    }

    /// <summary>The set of that hash as some batch used it.</summary>
    public async Task<PolicySet> UsedAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        string setSha256,
        CancellationToken cancellation
    )
    {
        if (compiled.TryGetValue(setSha256, out var known))
            return known;
        var members = await PolicySetStore.MembersAsync(
            connection,
            organisationId,
            setSha256,
            cancellation
        );
        var texts = await published.TextsAsync(
            connection,
            organisationId,
            [.. members.Select(member => member.Sha256).Distinct()],
            cancellation
        );
        var bySha256 = texts.ToDictionary(text => text.Sha256);
        return Compiled([
            .. members.Select(member => new PublishedText(
                member.Name,
                member.Version,
                // The same text may stand in two files: the set knows under which name it ran.
                new PolicyText(member.Name, bySha256[member.Sha256].Text)
            )),
        ]);
    }

    PolicySet Compiled(IReadOnlyList<PublishedText> texts)
    {
        var sha256 = PolicySet.HashOf(texts.Select(text => text.Text.Sha256));
        if (compiled.TryGetValue(sha256, out var known))
            return known;
        if (compiled.Count >= SetsKeptMax)
            compiled.Clear();
        return compiled.GetOrAdd(sha256, PolicySet.Compile(texts));
    }
}
