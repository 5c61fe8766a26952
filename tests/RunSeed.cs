using System.Globalization;
using FsCheck;
using FsCheck.Xunit;

[assembly: Sentinel.Testing.SeededProperties]

namespace Sentinel.Testing;

/// <summary>
/// The one number that a run's chance comes from: the order of tests, and what properties draw. The
/// launcher prints it and hands it over; a test program that is started by hand draws anew each time.
/// </summary>
static class RunSeed
{
    const string Variable = "SENTINEL_SEED";

    public static Rnd Chance { get; } = ChanceOf(Environment.GetEnvironmentVariable(Variable));

    public static Rnd ChanceOf(string? seed) =>
        string.IsNullOrEmpty(seed)
            ? new Rnd((ulong)Random.Shared.NextInt64())
            : new Rnd(ulong.Parse(seed, CultureInfo.InvariantCulture));
}

/// <summary>Every property of the assembly begins at the run's seed, unless it names its own.</summary>
// xUnit3003 asks for the place in the source: an assembly has none.
#pragma warning disable xUnit3003
[AttributeUsage(AttributeTargets.Assembly)]
sealed class SeededPropertiesAttribute : PropertiesAttribute
{
    public SeededPropertiesAttribute() =>
        Replay = string.Create(
            CultureInfo.InvariantCulture,
            $"{RunSeed.Chance.Seed},{RunSeed.Chance.Gamma}"
        );
}
#pragma warning restore xUnit3003
