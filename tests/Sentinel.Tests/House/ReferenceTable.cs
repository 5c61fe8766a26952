using System.Xml.Linq;

namespace Sentinel.Tests.House;

/// <summary>A project exists only where the compiler must refuse a reference: this is the table.</summary>
public sealed class ReferenceTable
{
    static readonly Dictionary<string, string[]> mayReference = new()
    {
        ["Sentinel.Contract"] = [],
        ["Sentinel.Postgres"] = [],
        ["Sentinel.Policies"] = ["Sentinel.Postgres"],
        ["Sentinel.Workflows"] = ["Sentinel.Postgres"],
        ["Sentinel.Siem"] = ["Sentinel.Contract", "Sentinel.Policies", "Sentinel.Postgres"],
        ["Sentinel.Psa"] =
        [
            "Sentinel.Contract",
            "Sentinel.Policies",
            "Sentinel.Postgres",
            "Sentinel.Workflows",
        ],
        ["Sentinel.Server"] =
        [
            "Sentinel.Contract",
            "Sentinel.Policies",
            "Sentinel.Postgres",
            "Sentinel.Psa",
            "Sentinel.Siem",
            "Sentinel.Workflows",
        ],
        ["Sentinel.Cli"] =
        [
            "Sentinel.Contract",
            "Sentinel.Policies",
            "Sentinel.Postgres",
            "Sentinel.Psa",
            "Sentinel.Server",
            "Sentinel.Siem",
            "Sentinel.Workflows",
        ],
    };

    [Fact]
    public void Projects_reference_what_the_table_allows_and_nothing_else() =>
        Assert.Empty(Violations(Repository.Files("src", ".csproj")));

    [Fact]
    public void A_reference_from_casework_to_detection_is_caught() =>
        Assert.Equal(
            ["Sentinel.Psa may not reference Sentinel.Siem"],
            Violations([Project("Sentinel.Psa", "../Sentinel.Siem/Sentinel.Siem.csproj")])
        );

    [Fact]
    public void A_ninth_project_is_caught() =>
        Assert.Equal(
            ["Sentinel.Common is not one of the eight projects"],
            Violations([Project("Sentinel.Common")])
        );

    [Fact]
    public void Only_the_folder_Store_of_Policies_uses_Postgres() =>
        Assert.Empty(PostgresOutsideStore(Repository.Files("src/Sentinel.Policies", ".cs")));

    [Fact]
    public void Postgres_in_the_checker_is_caught() =>
        Assert.Equal(
            ["src/Sentinel.Policies/Checking/Checker.cs"],
            PostgresOutsideStore([
                new("src/Sentinel.Policies/Checking/Checker.cs", "using Sentinel.Postgres;"),
                new("src/Sentinel.Policies/Store/PolicyStore.cs", "using Sentinel.Postgres;"),
            ])
        );

    static IEnumerable<string> PostgresOutsideStore(IEnumerable<HouseFile> files) =>
        from file in files
        where !file.Folder.EndsWith("/Store", StringComparison.Ordinal)
        where file.Text.Contains("Sentinel.Postgres") || file.Text.Contains("Npgsql")
        select file.Path;

    static IEnumerable<string> Violations(IEnumerable<HouseFile> projects)
    {
        foreach (var file in projects)
        {
            var project = Path.GetFileNameWithoutExtension(file.Path);
            if (!mayReference.TryGetValue(project, out var allowed))
            {
                yield return $"{project} is not one of the eight projects";
                continue;
            }
            var references = XDocument
                .Parse(file.Text)
                .Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value));
            foreach (var reference in references.Except(allowed))
                yield return $"{project} may not reference {reference}";
        }
    }

    static HouseFile Project(string name, params string[] references) =>
        new(
            $"src/{name}/{name}.csproj",
            new XElement(
                "Project",
                references.Select(r => new XElement(
                    "ProjectReference",
                    new XAttribute("Include", r)
                ))
            ).ToString()
        );
}
