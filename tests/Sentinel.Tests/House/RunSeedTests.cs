using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Microsoft.FSharp.Core;
using Sentinel.Testing;

namespace Sentinel.Tests.House;

/// <summary>One printed number repeats a run: what properties draw follows from it.</summary>
public sealed class RunSeedTests
{
    [Property(MaxTest = 1, StartSize = 50)]
    public void A_property_draws_from_the_seed_of_the_run(int[] drawn) =>
        Assert.Equal(FirstDraw(RunSeed.Chance), drawn);

    [Fact]
    public void The_same_seed_draws_the_same_and_another_one_other_things()
    {
        Assert.Equal(FirstDraw(RunSeed.ChanceOf("7")), FirstDraw(RunSeed.ChanceOf("7")));
        Assert.NotEqual(FirstDraw(RunSeed.ChanceOf("7")), FirstDraw(RunSeed.ChanceOf("8")));
        Assert.NotEqual(FirstDraw(RunSeed.ChanceOf(null)), FirstDraw(RunSeed.ChanceOf(null)));
    }

    static int[] FirstDraw(Rnd chance)
    {
        int[] first = [];
        Prop.ForAll<int[]>(drawn => first = drawn)
            .Check(
                Config
                    .Quick.WithReplay(new Replay(chance, FSharpOption<int>.None))
                    .WithMaxTest(1)
                    .WithStartSize(50)
                    .WithQuietOnSuccess(true)
            );
        return first;
    }
}
