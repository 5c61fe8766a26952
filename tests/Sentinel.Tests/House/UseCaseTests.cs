using System.Reflection;
using System.Text.RegularExpressions;
using Sentinel.Postgres.Access;
using Sentinel.Psa;

namespace Sentinel.Tests.House;

/// <summary>
/// What one can do in casework, one can do by a command and over HTTP; and what is refused there is noted,
/// whoever asked, also where they only wanted to read.
/// </summary>
public sealed partial class UseCaseTests
{
    /// <summary>For one side alone, each with its reason.</summary>
    static readonly Dictionary<string, string> oneSided = new()
    {
        ["FindPerson"] = "commands are given addresses, programs ids",
        ["ReadLibrary"] = "Studio's list: a command reads the folder and the published versions",
        ["SaveDrawing"] = "Studio's drafts: a command publishes a file",
        ["DropDraft"] = "Studio's drafts",
        ["DeliverReferenceData"] = "what sweeps do",
        ["RunClocks"] = "what sweeps do",
    };

    [Fact]
    public void Every_use_case_is_a_command_and_a_route() =>
        Assert.Empty(
            OneSided(
                UseCases(typeof(PsaModule).Assembly),
                [.. Repository.Files("src/Sentinel.Cli/Commands", ".cs")],
                [
                    .. Repository.Files("src/Sentinel.Server/Api", ".cs"),
                    .. Repository.Files("src/Sentinel.Server/Studio", ".cs"),
                ]
            )
        );

    [Fact]
    public void What_is_on_one_side_only_is_caught() =>
        Assert.Equal(
            ["no command uses A", "no route uses B"],
            OneSided(
                ["A", "B", "C"],
                [new("C.cs", "asked.Use<B>() asked.Use<C>()")],
                [new("E.cs", "A a, C c")]
            )
        );

    /// <summary>A refusal that leaves the frame of <c>AttemptStore</c> leaves no row in the audit log.</summary>
    [Fact]
    public void Whoever_asks_for_a_permission_notes_its_refusal() =>
        Assert.Empty(Unnoted(Repository.Files("src/Sentinel.Psa", ".cs")));

    [Theory]
    [InlineData("PresentedTransaction.BeginAsync( PermissionStore.LackingAsync(", 1)]
    [InlineData("AttemptStore.ReadAsync( PermissionStore.LackingAsync(", 0)]
    [InlineData("PresentedTransaction.BeginAsync(", 0)]
    [InlineData(
        "PresentedTransaction.BeginAsync( AttemptStore.RunAsync( PermissionStore.LackingAsync(",
        0
    )]
    public void A_refusal_that_nobody_notes_is_caught(string text, int caught) =>
        Assert.Equal(caught, Unnoted([new("src/Sentinel.Psa/Tasks/A.cs", text)]).Count());

    static IEnumerable<string> Unnoted(IEnumerable<HouseFile> files) =>
        from file in files
        where
            file.Text.Contains("PresentedTransaction.BeginAsync(", StringComparison.Ordinal)
            && file.Text.Contains("PermissionStore.LackingAsync(", StringComparison.Ordinal)
            && !file.Text.Contains("AttemptStore.", StringComparison.Ordinal)
            && file.Name != "AttemptStore.cs"
        select file.Path;

    /// <summary>What takes a credential and gives an answer.</summary>
    static IEnumerable<string> UseCases(Assembly assembly) =>
        from type in assembly.GetTypes()
        where
            type is { IsPublic: true, IsAbstract: false }
            && type.GetMethods(BindingFlags.Public | BindingFlags.Instance)
                .Any(method =>
                    method.Name.EndsWith("Async", StringComparison.Ordinal) && Presents(method)
                )
        orderby type.Name
        select type.Name;

    static bool Presents(MethodInfo method) =>
        method.GetParameters().FirstOrDefault()?.ParameterType == typeof(Secret);

    static IEnumerable<string> OneSided(
        IEnumerable<string> useCases,
        IReadOnlyList<HouseFile> commands,
        IReadOnlyList<HouseFile> routes
    )
    {
        var (commanded, routed) = (Words(commands), Words(routes));
        foreach (var name in useCases.Where(name => !oneSided.ContainsKey(name)))
            if (!commanded.Contains(name))
                yield return $"no command uses {name}";
            else if (!routed.Contains(name))
                yield return $"no route uses {name}";
    }

    static HashSet<string> Words(IEnumerable<HouseFile> files) =>
        [.. files.SelectMany(file => Word().Matches(file.Text)).Select(word => word.Value)];

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
