namespace Sentinel.Psa.Modules;

/// <summary>The modules that findings come from, as <c>source_system</c> names them.</summary>
public static class ModuleNames
{
    public static IReadOnlyList<string> All { get; } =
    ["rmm", "siem", "edr", "vulnerability", "pentest", "compliance"];
}

/// <summary>One finding as its module said it: nothing of it is ours yet.</summary>
/// <param name="OutsideId">The module's own id, 1 to 300 characters: delivering it again changes nothing.</param>
/// <param name="SeverityWord">As the module says it, or null.</param>
/// <param name="StandardSeverity">0 to 10 where the format itself fixes what its severity means, or null.</param>
/// <param name="Category">As the module says it, or null.</param>
/// <param name="StandardType">Type of finding where the format fixes what it is about, or null.</param>
/// <param name="Confidence">0 to 100, or null where the module says nothing of it.</param>
/// <param name="AssetRefs">Ids, names and addresses of what it concerns, as the module knows it.</param>
/// <param name="Fields">Every other member that holds one value, by its path: <c>device.os.name</c>.</param>
/// <param name="Content">The record as it came.</param>
sealed record ModuleFinding(
    string OutsideId,
    string Title,
    string? SeverityWord,
    int? StandardSeverity,
    string? Category,
    string? StandardType,
    int? Confidence,
    IReadOnlyList<string> AssetRefs,
    IReadOnlyDictionary<string, string> Fields,
    ReadOnlyMemory<byte> Content
);

/// <summary>A record of a delivery: a finding, or the reason why it is none.</summary>
abstract record ModuleRecord
{
    public sealed record GoodRecord(ModuleFinding Finding) : ModuleRecord;

    /// <param name="Place">Which record of the delivery, from 1.</param>
    /// <param name="Reason">The end of a sentence, with what to do.</param>
    public sealed record BadRecord(int Place, string Reason) : ModuleRecord;
}
