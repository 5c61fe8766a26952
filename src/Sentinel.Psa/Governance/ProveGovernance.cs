using System.Globalization;
using System.Text;
using Sentinel.Psa.Organisations;

namespace Sentinel.Psa.Governance;

/// <param name="Report">In Markdown, the same for the same rules.</param>
public sealed record GovernanceProof(string Report, bool Holds);

/// <summary>
/// Visits every case that there can be in a few small worlds, and every step that anybody could try:
/// no machine decides, nobody closes alone, two people can always finish. Then once more without each rule,
/// where the proof has to break.
/// </summary>
public static class ProveGovernance
{
    const long StatesMax = 50_000_000;
    const string Analyst = RoleSeeds.Analyst;
    const string Manager = RoleSeeds.IncidentManager;

    static readonly ReferenceWorld three = new(
        "three people, deputies and their old tokens",
        [Analyst, Manager, Manager],
        0,
        WithAnother: false,
        WithDeputies: true,
        WithLeftovers: true
    );

    static readonly ReferenceWorld mighty = new(
        "two people, one task, machines with every permission",
        [Analyst, Manager],
        1,
        WithAnother: false,
        WithDeputies: true,
        WithLeftovers: false,
        WithMightyMachines: true
    );

    static readonly ReferenceWorld merging = new(
        "three people, one task, another case that is merged",
        [Analyst, Manager, Manager],
        1,
        WithAnother: true,
        WithDeputies: false,
        WithLeftovers: false
    );

    static readonly IReadOnlyList<ReferenceWorld> small =
    [
        new(
            "two people, one task, another case, deputies",
            [Analyst, Manager],
            1,
            WithAnother: true,
            WithDeputies: true,
            WithLeftovers: true
        ),
        three,
        mighty,
        merging,
    ];

    static readonly IReadOnlyList<ReferenceWorld> large =
    [
        new(
            "analyst, manager, administrator, auditor, one task, deputies",
            [Analyst, Manager, RoleSeeds.Administrator, RoleSeeds.Auditor],
            1,
            WithAnother: false,
            WithDeputies: true,
            WithLeftovers: false
        ),
        new(
            "four people, one task, deputies",
            [Analyst, Analyst, Manager, Manager],
            1,
            WithAnother: false,
            WithDeputies: true,
            WithLeftovers: false
        ),
        new(
            "four people, one task, another case that is merged",
            [Analyst, Analyst, Manager, Manager],
            1,
            WithAnother: true,
            WithDeputies: false,
            WithLeftovers: false
        ),
        new(
            "four people, three tasks",
            [Analyst, Analyst, Manager, Manager],
            3,
            WithAnother: false,
            WithDeputies: false,
            WithLeftovers: false
        ),
        new(
            "four people, three tasks, deputies",
            [Analyst, Analyst, Manager, Manager],
            3,
            WithAnother: false,
            WithDeputies: true,
            WithLeftovers: false
        ),
        new(
            "four people, three tasks, another case that is merged",
            [Analyst, Analyst, Manager, Manager],
            3,
            WithAnother: true,
            WithDeputies: false,
            WithLeftovers: false
        ),
    ];

    /// <param name="whole">Also the large worlds, which take a quarter of an hour.</param>
    public static GovernanceProof Run(bool whole, CancellationToken cancellation)
    {
        var report = new StringBuilder();
        var holds = true;
        foreach (var world in whole ? [.. small, .. large] : small)
        {
            var found = new ExploreGovernance(world).Run(StatesMax, cancellation);
            holds &= found.Violations.Count == 0;
            report.Append(Row(found)).Append('\n');
            foreach (var violation in found.Violations)
                report.Append(violation).Append('\n');
        }
        report.Append('\n').Append("| Rule left out | What is found then |\n|---|---|\n");
        foreach (var rule in ReferenceRules.Names)
        {
            var world = rule switch
            {
                "merged_work_counts" => merging,
                "people_decide" => mighty,
                _ => three,
            };
            var found = new ExploreGovernance(world, rule).Run(StatesMax, cancellation);
            holds &= found.Violations.Count > 0;
            var first = found.Violations is [var violation, ..]
                ? violation[..violation.IndexOf(", ReferenceCase", StringComparison.Ordinal)]
                : "nothing: the proof would not notice";
            report.Append(CultureInfo.InvariantCulture, $"| `{rule}` | {first} |\n");
        }
        return new GovernanceProof(Heading + report, holds);
    }

    static string Row(Exploration found) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"| {found.World} | {found.States} | {found.Edges} | {found.Refused} | {found.Closings} | "
                + $"{found.DeadEnds} | {found.Violations.Count} |"
        );

    const string Heading = """
        # What was visited

        Made by `./sentinel verify governance`; `--whole` adds larger worlds. Each world is a handful of people with the seeded roles, two
        machines, and a case; every step of everybody was tried in every state. Roles, arrows, who may pull
        them and with which permission are read from the tables that the product runs on. The model of the
        rest is compared with service and database by the differential test, step by step.

        A violation would be: a machine attests, approves, closes or cancels; somebody judges their own work
        under any identity; one person closes alone; somebody decides in a name that nobody lent them; a closed
        case changes. A dead end would be a case that no two of the people can bring to its end.

        | World | States | Steps allowed | Steps refused | Closings | Dead ends | Violations |
        |---|---|---|---|---|---|---|

        """;
}
