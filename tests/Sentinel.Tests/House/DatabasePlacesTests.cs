using System.Text.RegularExpressions;
using NetArchTest.Rules;

namespace Sentinel.Tests.House;

/// <summary>SQL is written where it is run: in a store or a use case. The rest is told what it needs.</summary>
public sealed partial class DatabasePlacesTests
{
    static readonly string[] outside =
    [
        "Npgsql",
        "System.IO.File",
        "System.IO.Directory",
        "System.Net.Http",
        "System.Net.Sockets",
        "System.Diagnostics.Process",
        "System.Console",
    ];

    static readonly string[] projects = ["Policies", "Workflows", "Siem", "Psa", "Server", "Cli"];

    [Fact]
    public void Npgsql_is_used_in_stores_and_use_cases_only() =>
        Assert.Empty(
            Misplaced(projects.SelectMany(p => Repository.Files($"src/Sentinel.{p}", ".cs")))
        );

    [Theory]
    [InlineData("sealed class CaseStore { NpgsqlConnection c; }", 0)]
    [InlineData("sealed class CloseCase { async Task RunAsync(NpgsqlConnection c) { } }", 0)]
    [InlineData("static class CaseMachine { static void Next(NpgsqlConnection c) { } }", 1)]
    [InlineData("using Npgsql; sealed class Normaliser;", 1)]
    [InlineData("/// <summary>Npgsql is not used here.</summary>\nclass Normaliser;", 0)]
    public void Npgsql_elsewhere_is_caught(string text, int caught) =>
        Assert.Equal(caught, Misplaced([new("src/Sentinel.Psa/Cases/A.cs", text)]).Count());

    [Fact]
    public void Machines_do_no_io()
    {
        Assert.Empty(Reaching(Types.InAssemblies(Loaded()).That().HaveNameEndingWith("Machine")));
        Assert.Empty(
            Reaching(
                Types
                    .InAssembly(System.Reflection.Assembly.Load("Sentinel.Postgres"))
                    .That()
                    .ResideInNamespace("Sentinel.Postgres.Machines")
            )
        );
        Assert.Equal(
            [nameof(ThisReachesOutMachine)],
            Reaching(
                Types
                    .InAssembly(typeof(ThisReachesOutMachine).Assembly)
                    .That()
                    .HaveName(nameof(ThisReachesOutMachine))
            )
        );
    }

    [Fact]
    public void Policies_do_no_io_but_in_their_store() =>
        Assert.Empty(
            Reaching(
                Types
                    .InAssembly(System.Reflection.Assembly.Load("Sentinel.Policies"))
                    .That()
                    .DoNotResideInNamespaceContaining("Sentinel.Policies.Store")
            )
        );

    static IEnumerable<System.Reflection.Assembly> Loaded() =>
        new[] { "Sentinel.Siem", "Sentinel.Psa", "Sentinel.Workflows" }.Select(
            System.Reflection.Assembly.Load
        );

    static IEnumerable<string> Reaching(PredicateList types) =>
        types
            .ShouldNot()
            .HaveDependencyOnAny(outside)
            .GetResult()
            .FailingTypeNames?.Select(name => name[(name.LastIndexOf('.') + 1)..])
        ?? [];

    static IEnumerable<string> Misplaced(IEnumerable<HouseFile> files) =>
        from file in files
        let code = CommentPattern().Replace(file.Text, "")
        where code.Contains("Npgsql", StringComparison.Ordinal)
        where !StorePattern().IsMatch(code) && !UseCasePattern().IsMatch(code)
        select file.Path;

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex CommentPattern();

    [GeneratedRegex(@"\b(class|record|interface)\s+\w+Store\b")]
    private static partial Regex StorePattern();

    // What a use case is called by: RunAsync, or the one method of the border that it implements.
    [GeneratedRegex(@"\bTask(<[^>]+(<[^>]+>)?>)?\s+(RunAsync|ReceiveAsync|ApplyAsync)\s*\(")]
    private static partial Regex UseCasePattern();
}

/// <summary>The violation that <see cref="DatabasePlacesTests"/> must catch.</summary>
static class ThisReachesOutMachine
{
    public static bool Next(string path) => File.Exists(path);
}
