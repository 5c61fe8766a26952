using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Stories;

namespace Sentinel.Psa.Figures;

/// <summary>
/// How fast casework answers, what is late and who has how much, as of any moment: computed from the
/// audit log, so that a figure of last month is the same whenever it is asked for.
/// </summary>
public sealed class ReportFigures(SentinelDatabase database, TimeProvider clock)
{
    static readonly string[] kinds =
    [
        "case",
        "severity",
        "case_sla",
        "task",
        "queue",
        "user",
        "machine",
    ];

    /// <param name="asOf">The moment, or null for now.</param>
    public Task<Outcome<FiguresReport>> RunAsync(
        Secret secret,
        DateTimeOffset? asOf,
        CancellationToken cancellation
    ) =>
        AttemptStore.ReadAsync(
            database.Psa,
            secret,
            new Deed("figures.read", "figures", null, null),
            "figures.read",
            work => InAsync(work, asOf, cancellation),
            cancellation
        );

    async Task<Outcome<FiguresReport>> InAsync(
        PresentedTransaction work,
        DateTimeOffset? asOf,
        CancellationToken cancellation
    )
    {
        var moment = asOf ?? clock.GetUtcNow();
        Dictionary<Guid, CaseFacts> cases = [];
        Dictionary<Guid, TaskFacts> tasks = [];
        List<LoggedRow> named = [];
        await foreach (var row in LogStore.OfKindsAsync(work, kinds, moment, cancellation))
            switch (row.EntityType)
            {
                case "case" or "severity" or "case_sla" when row.SubjectId is { } caseId:
                    if (!cases.TryGetValue(caseId, out var known))
                        cases[caseId] = known = new CaseFacts();
                    known.Learn(row);
                    break;
                case "task" when row.EntityId is { } taskId:
                    tasks[taskId] = tasks.GetValueOrDefault(taskId).After(row);
                    break;
                default:
                    named.Add(row);
                    break;
            }
        return new Outcome<FiguresReport>.Done(
            Report(
                await OrganisationAsync(work, cancellation),
                moment,
                cases.Values,
                tasks.Values,
                new LoggedNames(LogFold.Fold(named))
            )
        );
    }

    static FiguresReport Report(
        string organisation,
        DateTimeOffset asOf,
        IReadOnlyCollection<CaseFacts> cases,
        IReadOnlyCollection<TaskFacts> tasks,
        LoggedNames names
    ) =>
        new(
            organisation,
            asOf,
            CaseFigures.Of(null, null, cases, asOf),
            [
                .. cases
                    .GroupBy(one => one.CaseType)
                    .OrderBy(group => group.Key, StringComparer.Ordinal)
                    .Select(group => CaseFigures.Of(group.Key, null, [.. group], asOf)),
            ],
            [
                .. cases
                    .GroupBy(one => one.Severity)
                    .OrderByDescending(group => group.Key)
                    .Select(group => CaseFigures.Of(null, group.Key, [.. group], asOf)),
            ],
            [
                .. cases
                    .GroupBy(one => (one.CaseType, one.Severity))
                    .OrderBy(group => group.Key.CaseType, StringComparer.Ordinal)
                    .ThenByDescending(group => group.Key.Severity)
                    .Select(group =>
                        CaseFigures.Of(group.Key.CaseType, group.Key.Severity, [.. group], asOf)
                    ),
            ],
            People(cases, tasks, names),
            [
                .. cases
                    .Where(one => one.IsOpen && one.OwnerId is null)
                    .GroupBy(one => one.QueueId is { } queue ? names.Of(queue) : null)
                    .OrderBy(group => group.Key, StringComparer.Ordinal)
                    .Select(group => new QueueLoad(group.Key, group.Count())),
            ]
        );

    static IReadOnlyList<PersonLoad> People(
        IReadOnlyCollection<CaseFacts> cases,
        IReadOnlyCollection<TaskFacts> tasks,
        LoggedNames names
    )
    {
        var owned = cases
            .Where(one => one is { IsOpen: true, OwnerId: not null })
            .ToLookup(one => one.OwnerId);
        var assigned = tasks
            .Where(one => one is { Status: "pending" or "running", AssignedTo: not null })
            .ToLookup(one => one.AssignedTo);
        return
        [
            .. owned
                .Select(group => group.Key!.Value)
                .Union(assigned.Select(group => group.Key!.Value))
                .Select(person => new PersonLoad(
                    person,
                    names.Of(person),
                    owned[person].Count(),
                    assigned[person].Count(one => one.Status == "pending"),
                    assigned[person].Count(one => one.Status == "running")
                ))
                .OrderBy(load => load.Name, StringComparer.Ordinal)
                .ThenBy(load => load.UserId),
        ];
    }

    static async Task<string> OrganisationAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = "SELECT name FROM psa.organisations WHERE id = $1";
        await using var command = work.Command(sql).With(work.Actor.OrganisationId);
        return (string)(await command.ExecuteScalarAsync(cancellation))!;
    }

    readonly record struct TaskFacts(string? Status, Guid? AssignedTo)
    {
        public TaskFacts After(LoggedRow row) =>
            new(
                row.Text("status") ?? Status,
                row.Mentions("assigned_to") ? row.Id("assigned_to") : AssignedTo
            );
    }
}
