using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Modules;

/// <summary>The registered assets that a finding names, and the names that no asset of ours answers to.</summary>
/// <param name="Criticality">The highest of them; 0 where there is none.</param>
/// <param name="Proposed">Names that nothing is called, or more than one: a person registers or links.</param>
sealed record FoundAssets(
    IReadOnlyList<Guid> Active,
    IReadOnlyList<string> Names,
    int Criticality,
    string? MostCritical,
    IReadOnlyList<string> Proposed
)
{
    const int NameCharsMax = 200;

    public static async Task<FoundAssets> OfAsync(
        PresentedTransaction work,
        IReadOnlyList<string> names,
        CancellationToken cancellation
    )
    {
        var known = await ModuleStore.AssetsAsync(work, names, cancellation);
        List<NamedAsset> meant = [];
        List<string> proposed = [];
        foreach (var name in names)
        {
            var exact = known.FirstOrDefault(asset => asset.ExternalRef == name);
            List<NamedAsset> called = exact is null
                ? [.. known.Where(asset => asset.IsCalled(name))]
                : [exact];
            if (called is [var one])
                meant.Add(one);
            else
                proposed.Add(name.Cut(NameCharsMax));
        }
        List<NamedAsset> assets = [.. meant.DistinctBy(asset => asset.Id)];
        var most = assets.MaxBy(asset => asset.Criticality);
        return new FoundAssets(
            [.. assets.Select(asset => asset.Id)],
            [.. assets.Select(asset => asset.Name)],
            most?.Criticality ?? 0,
            most?.Name,
            proposed
        );
    }
}
