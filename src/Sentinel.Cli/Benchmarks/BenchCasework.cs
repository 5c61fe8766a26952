using System.Diagnostics;
using System.Security.Cryptography;
using Sentinel.Postgres.Ledger;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Cli.Benchmarks;

/// <param name="Failures">What did not do what it had to, so that no figure is printed for it.</param>
sealed record CaseworkReport(
    BenchMachine Machine,
    IReadOnlyList<Measurement> Measurements,
    IReadOnlyList<string> Failures
);

/// <summary>Transitions of cases with their audit rows, the tree over the log, and verification.</summary>
sealed class BenchCasework
{
    const int Clients = 4;
    const int WarmUp = 100;

    public static readonly string[] Parts = ["transitions", "tree", "verify"];

    public required IReadOnlyList<int> Cases { get; init; }
    public required int Transitions { get; init; }
    public required int Rows { get; init; }
    public required IReadOnlyList<string> Only { get; init; }

    readonly List<Measurement> measured = [];
    readonly List<string> failures = [];

    public async Task<CaseworkReport> RunAsync(CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("sentinel-bench").FullName;
        try
        {
            await using var stage = await CaseworkStage.OpenAsync(folder, cancellation);
            if (Only.Contains("transitions"))
                await TransitionsAsync(stage, folder, cancellation);
            if (Only.Contains("tree"))
                await TreeAsync(stage, cancellation);
            if (Only.Contains("verify"))
                await VerifyAsync(stage, cancellation);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return new CaseworkReport(BenchMachine.This(), measured, failures);
    }

    async Task TransitionsAsync(CaseworkStage stage, string folder, CancellationToken cancellation)
    {
        var place = stage.Server.SuperuserConnectionString;
        await PgbenchRun.PrepareAsync(place, cancellation);
        double? few = null;
        foreach (var cases in Cases)
        {
            await stage.FillAsync(Math.Max(cases, WarmUp + Transitions), cancellation);
            var ids = await stage.OpenCasesAsync(WarmUp + Transitions, cancellation);
            await TakeAsync(stage, [.. ids.Take(WarmUp)], cancellation);
            var statements = await StatementsAsync(stage, ids[WarmUp], cancellation);
            IReadOnlyList<Guid> rest = [.. ids.Skip(WarmUp + 1)];
            var clock = Stopwatch.StartNew();
            await TakeAsync(stage, rest, cancellation);
            var rate = rest.Count / clock.Elapsed.TotalSeconds;
            var pgbench = await PgbenchRun.RateAsync(
                place,
                statements,
                Clients,
                Transitions,
                folder,
                cancellation
            );
            few ??= rate;
            measured.Add(
                new Measurement("transitions")
                {
                    Input = $"{cases} cases, {Clients} clients, {statements} statements each",
                    Events = rest.Count,
                    Seconds = Math.Round(clock.Elapsed.TotalSeconds, 3),
                    EventsPerSecond = Math.Round(rate, 1),
                    Ratios = new Dictionary<string, double>
                    {
                        ["pgbench_per_second"] = Math.Round(pgbench, 1),
                        ["of_pgbench"] = Math.Round(rate / pgbench, 3),
                        ["of_few_cases"] = Math.Round(rate / few.Value, 3),
                    },
                }
            );
        }
    }

    async Task TakeAsync(
        CaseworkStage stage,
        IReadOnlyList<Guid> ids,
        CancellationToken cancellation
    )
    {
        var take = new TakeCase(stage.Database, TimeProvider.System);
        var next = -1;
        await Task.WhenAll(
            Enumerable
                .Range(0, Clients)
                .Select(async _ =>
                {
                    for (int at; (at = Interlocked.Increment(ref next)) < ids.Count; )
                        if (
                            await take.RunAsync(stage.Analyst, ids[at], cancellation)
                            is Outcome<Case>.Declined no
                        )
                            failures.Add(no.Why.ToString());
                })
        );
    }

    // Counted as they are sent, without BEGIN and COMMIT.
    static async Task<int> StatementsAsync(
        CaseworkStage stage,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        var sent = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) =>
                ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                var text =
                    activity.GetTagItem("db.query.text") ?? activity.GetTagItem("db.statement");
                if (text is string sql && sql is not ("BEGIN" or "COMMIT" or "ROLLBACK"))
                    Interlocked.Increment(ref sent);
            },
        };
        ActivitySource.AddActivityListener(listener);
        await new TakeCase(stage.Database, TimeProvider.System).RunAsync(
            stage.Analyst,
            caseId,
            cancellation
        );
        return sent;
    }

    async Task TreeAsync(CaseworkStage stage, CancellationToken cancellation)
    {
        await stage.RunAsync(
            """
            ALTER TABLE siem.audit_log DISABLE TRIGGER ALL;
            INSERT INTO siem.audit_log (organisation_id, actor_id, actor_kind, action, entity_type,
                timestamp, transaction_id, leaf_hash)
            SELECT '<0>', '<1>', 'system', 'bench.created',
                'bench', now(), pg_current_xact_id(), sha256(n::text::bytea)
            FROM generate_series(1, <2>) AS n;
            ALTER TABLE siem.audit_log ENABLE TRIGGER ALL
            """.Replace("<0>", $"{stage.OrganisationId}", StringComparison.Ordinal).Replace(
                "<1>",
                $"{stage.OrganisationId}",
                StringComparison.Ordinal
            ).Replace("<2>", $"{Rows}", StringComparison.Ordinal),
            cancellation
        );
        var signer = new SignHead(stage.Database, stage.Data, TimeProvider.System);
        var clock = Stopwatch.StartNew();
        var head = await signer.RunAsync("siem", cancellation);
        if (head.Added < Rows)
            failures.Add($"the tree took {head.Added} of {Rows} rows");
        measured.Add(
            new Measurement("tree")
            {
                Events = head.Added,
                Seconds = Math.Round(clock.Elapsed.TotalSeconds, 3),
                EventsPerSecond = Math.Round(head.Added / clock.Elapsed.TotalSeconds),
            }
        );
    }

    async Task VerifyAsync(CaseworkStage stage, CancellationToken cancellation)
    {
        await stage.RunAsync(
            """
            INSERT INTO psa.audit_log (organisation_id, action, entity_type, metadata)
            SELECT '<0>', 'bench.created', 'bench', jsonb_build_object('n', n,
                'text', repeat('audited ', 40))
            FROM generate_series(1, <1>) AS n
            """.Replace("<0>", $"{stage.OrganisationId}", StringComparison.Ordinal).Replace(
                "<1>",
                $"{Math.Min(Rows, 100_000)}",
                StringComparison.Ordinal
            ),
            cancellation
        );
        await new SignHead(stage.Database, stage.Data, TimeProvider.System).RunAsync(
            "psa",
            cancellation
        );
        var export = Path.Combine(stage.Data.Path, "export");
        await new ExportAudit(stage.Database, stage.Data).RunAsync("psa", export, cancellation);
        var leaves = await VerifyExport.LeavesAsync(export, cancellation);
        var bytes = leaves.Sum(leaf => (long)leaf.Length);
        var clock = Stopwatch.StartNew();
        foreach (var leaf in leaves)
            SHA256.HashData(leaf);
        var hashing = clock.Elapsed.TotalSeconds;
        clock.Restart();
        var verdicts = await new VerifyAudit(stage.Database, stage.Data).RunAsync([], cancellation);
        var verifying = clock.Elapsed.TotalSeconds;
        foreach (var problem in verdicts.SelectMany(verdict => verdict.Problems).Take(3))
            failures.Add(problem.Sentence);
        clock.Restart();
        failures.AddRange(await VerifyExport.RunAsync(export, [], cancellation));
        var exported = clock.Elapsed.TotalSeconds;
        measured.Add(
            new Measurement("verify")
            {
                Input = $"{bytes} bytes under {leaves.Count} leaves",
                Events = leaves.Count,
                Seconds = Math.Round(verifying, 3),
                EventsPerSecond = Math.Round(leaves.Count / verifying),
                Ratios = new Dictionary<string, double>
                {
                    ["sha256_seconds"] = Math.Round(hashing, 4),
                    ["database_of_sha256"] = Math.Round(hashing / verifying, 3),
                    ["export_of_sha256"] = Math.Round(hashing / exported, 3),
                },
            }
        );
    }
}
