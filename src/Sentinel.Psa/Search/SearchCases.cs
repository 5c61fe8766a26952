using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Search;

/// <param name="Place">summary, comment, tag, task, task_action, evidence or disposition.</param>
/// <param name="Said">The words that were found, with those around them.</param>
public sealed record FoundCase(Case Case, string Place, string Said);

/// <summary>
/// Cases by the words in them: what people and systems wrote, not what evidence holds. All words have to
/// stand in one text; quotes hold words together, <c>or</c> and <c>-</c> do as in other search boxes. Nobody finds
/// what they may not read.
/// </summary>
public sealed class SearchCases(SentinelDatabase database)
{
    const int WordsCharsMax = 400;
    const int CasesMax = 100;

    public Task<Outcome<IReadOnlyList<FoundCase>>> RunAsync(
        Secret secret,
        string words,
        CancellationToken cancellation
    ) =>
        AttemptStore.ReadAsync(
            database.Psa,
            secret,
            new Deed("case.search", "case", null, null),
            "case.read",
            work => InAsync(work, words, cancellation),
            cancellation
        );

    static async Task<Outcome<IReadOnlyList<FoundCase>>> InAsync(
        PresentedTransaction work,
        string words,
        CancellationToken cancellation
    )
    {
        if (TextGiven.Unfit("case.search.words", "search", words, WordsCharsMax) is { } refusal)
            return new Outcome<IReadOnlyList<FoundCase>>.Declined(refusal);
        List<(Guid CaseId, string Place, string Said)> rows = [];
        const string sql = "SELECT case_id, place, said FROM psa.search_cases($1, $2)";
        await using (var command = work.Command(sql).With(words, CasesMax))
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
            while (await reader.ReadAsync(cancellation))
                rows.Add((reader.GetGuid(0), reader.GetString(1), reader.GetString(2)));
        List<FoundCase> found = [];
        foreach (var (caseId, place, said) in rows)
            if (await CaseStore.FindAsync(work, caseId, cancellation) is { } one)
                found.Add(new FoundCase(one, place, said));
        return new Outcome<IReadOnlyList<FoundCase>>.Done(found);
    }
}
