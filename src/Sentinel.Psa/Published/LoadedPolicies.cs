using System.Collections.Concurrent;
using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Policies.Store;
using Sentinel.Postgres.Access;

namespace Sentinel.Psa.Published;

/// <summary>Published texts, read. Reading every file takes longer than opening a case: equal ones are read once.</summary>
static class LoadedPolicies
{
    const int SetsMax = 64;

    static readonly ConcurrentDictionary<string, Policy?> loaded = new();

    /// <summary>What is active for the presented organisation; null where it cannot be read together.</summary>
    public static async Task<Policy?> ActiveAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        var active = await PolicyStore.LoadActiveAsync(
            work.Connection,
            work.Actor.OrganisationId,
            cancellation
        );
        return Load([.. active.Select(one => one.Text)]);
    }

    public static Policy? Load(IReadOnlyList<PolicyText> texts)
    {
        if (loaded.Count >= SetsMax)
            loaded.Clear();
        return loaded.GetOrAdd(
            string.Join(
                ' ',
                texts.Select(text => $"{text.Path}:{text.Sha256}").Order(StringComparer.Ordinal)
            ),
            _ =>
                Policy.Load(
                    texts.OrderBy(text => text.Path, StringComparer.Ordinal),
                    EventFields.CreateTable()
                )
                    is PolicyLoad.Loaded { Policy: var policy }
                    ? policy
                    : null
        );
    }
}
