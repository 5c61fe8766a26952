using System.Globalization;
using Npgsql;
using Sentinel.IntegrationTests.Psa;
using Sentinel.IntegrationTests.Support;

namespace Sentinel.IntegrationTests.Governance;

/// <summary>
/// Each guard of the database taken away once, from the catalogue and from the text of its functions: some
/// probe is then answered otherwise. It takes hours, so it is asked for by naming a file; what was seen stands
/// there and is not seen again, so that it goes on where it ended, and N machines can share it.
/// </summary>
public sealed class MutationTests
{
    [Fact]
    public async Task No_guard_is_missed_when_it_is_gone()
    {
        Assert.SkipUnless(
            MutationReport.IsAsked,
            "name a file in SENTINEL_MUTANTS to take every guard away once"
        );
        var (office, probes) = await ProbeSet.OpenAsync();
        await using var _ = office;
        var mutants = await OfThisShardAsync(office);
        await using var intact = await Intact.OfAsync(office, probes);
        var report = new MutationReport();
        foreach (var mutant in mutants.Where(one => !report.Knows(one.Name)))
            report.Add(mutant.Name, await intact.NoticedAsync(mutant));

        Assert.Empty(report.Missed(mutants.Select(one => one.Name)));
    }

    static async Task<IReadOnlyList<Mutant>> OfThisShardAsync(Office office)
    {
        await using var connection = new NpgsqlConnection(
            office.Database.SuperuserConnectionString
        );
        await connection.OpenAsync();
        var all = await Mutant.AllAsync(connection);
        Assert.True(all.Count > 300, $"only {all.Count} mutants: the catalogue was misread");
        return
        [
            .. all.Where((_, place) => place % MutationReport.Shards == MutationReport.Shard - 1),
        ];
    }

    /// <summary>It is sent to a table that lost something.</summary>
    static bool IsTagged(Mutant mutant, Probe probe) =>
        mutant.Tables.Any(table => Words(probe.Sql).Contains(table));

    static string[] Words(string text) =>
        text.Split(
            [' ', '(', ')', '\'', ',', '"', ':', ';', '\n'],
            StringSplitOptions.RemoveEmptyEntries
        );

    /// <summary>The database as it should be, and what it answers.</summary>
    sealed class Intact(
        TestDatabase template,
        TestDatabase again,
        IReadOnlyList<Probe> probes,
        IReadOnlyList<string> answers
    ) : IAsyncDisposable
    {
        public static async Task<Intact> OfAsync(Office office, IReadOnlyList<Probe> probes)
        {
            await using var once = await office.Database.CloneAsync();
            var again = await office.Database.CloneAsync();
            var answers = await Probe.AnswersAsync(once, probes);
            var second = await Probe.AnswersAsync(again, probes);
            // What is answered differently each time says nothing.
            var steady = Enumerable
                .Range(0, probes.Count)
                .Where(at => answers[at] == second[at])
                .ToList();
            return new Intact(
                office.Database,
                again,
                [.. steady.Select(at => probes[at])],
                [.. steady.Select(at => answers[at])]
            );
        }

        /// <summary>The first probe that is answered otherwise without the guard, or null.</summary>
        public async Task<string?> NoticedAsync(Mutant mutant)
        {
            await using var database = await template.CloneAsync();
            await database.RunAsSuperuserAsync(mutant.Sql);
            var order = Enumerable
                .Range(0, probes.Count)
                .OrderByDescending(at => Likelihood(mutant, probes[at], answers[at]))
                .ToList();
            string? noticed = null;
            var noticedAt = -1;
            await Probe.AnswersAsync(
                database,
                [.. order.Select(at => probes[at])],
                (place, answer) =>
                {
                    var at = order[place];
                    if (answer != answers[at])
                        (noticedAt, noticed) = (
                            at,
                            $"{probes[at].Name}: not '{answers[at]}' but '{answer}'"
                        );
                    return noticed is null;
                }
            );
            if (noticed is not null)
                await AssertStillSoAsync(noticedAt);
            return noticed;
        }

        /// <summary>What is answered otherwise only because hours went by was not noticed at all.</summary>
        async Task AssertStillSoAsync(int at)
        {
            var now = await Probe.AnswersAsync(again, [probes[at]]);
            Assert.True(
                now[0] == answers[at],
                $"{probes[at].Name} is answered '{now[0]}' now, and was '{answers[at]}': its answer hangs on the time"
            );
        }

        public ValueTask DisposeAsync() => again.DisposeAsync();

        /// <summary>Those first that name what is gone: most are noticed at once.</summary>
        static int Likelihood(Mutant mutant, Probe probe, string answer)
        {
            var refused = Words(answer);
            return Words(mutant.Name).Count(refused.Contains) + (IsTagged(mutant, probe) ? 1 : 0);
        }
    }
}

/// <summary>What a long run saw, a line a mutant: its name, and how it was noticed.</summary>
sealed class MutationReport
{
    const string Missing = "NOT NOTICED";

    static readonly string? file = Environment.GetEnvironmentVariable("SENTINEL_MUTANTS");
    readonly Dictionary<string, string> seen = [];

    public MutationReport()
    {
        if (file is not null && File.Exists(file))
            foreach (var line in File.ReadAllLines(file).Select(line => line.Split('\t')))
                seen[line[0]] = line[1];
    }

    public static bool IsAsked => file is { Length: > 0 };

    /// <summary>1 of how many machines, from <c>SENTINEL_SHARD</c>.</summary>
    public static int Shard => Part(0);

    public static int Shards => Part(1);

    public bool Knows(string mutant) => seen.ContainsKey(mutant);

    public void Add(string mutant, string? noticed)
    {
        seen[mutant] = noticed ?? Missing;
        if (file is not null)
            File.AppendAllText(file, $"{mutant}\t{(noticed ?? Missing).Replace('\n', ' ')}\n");
    }

    public IReadOnlyList<string> Missed(IEnumerable<string> mutants) =>
        [.. mutants.Where(mutant => seen[mutant] == Missing)];

    static int Part(int which) =>
        int.Parse(
            (Environment.GetEnvironmentVariable("SENTINEL_SHARD") ?? "1/1").Split('/')[which],
            CultureInfo.InvariantCulture
        );
}
