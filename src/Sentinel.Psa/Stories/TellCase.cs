using System.Text.Json;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Stories;

/// <summary>One of the six questions that have to be answerable at any time, and what the log answers.</summary>
public sealed record CaseAnswer(string Question, IReadOnlyList<string> Lines);

/// <summary>One row of the log as a sentence.</summary>
public sealed record ToldRow(
    long Position,
    DateTimeOffset At,
    string Actor,
    string ActorKind,
    string? OnBehalfOf,
    string Action,
    string Said,
    bool Refused,
    JsonElement Detail
);

/// <summary>A case as the audit log alone tells it, now or as of any past moment.</summary>
/// <param name="Things">Everything in the case, as it was at that moment.</param>
/// <param name="Rows">Every row of its story up to then.</param>
public sealed record CaseAccount(
    Guid CaseId,
    string Number,
    string Summary,
    string Status,
    int Severity,
    DateTimeOffset AsOf,
    IReadOnlyList<CaseAnswer> Answers,
    IReadOnlyList<LoggedThing> Things,
    IReadOnlyList<ToldRow> Rows
);

/// <summary>
/// Tells a case's full story from the audit log and from nothing else, also as it was known at any past
/// moment. What the tables say now is not asked.
/// </summary>
public sealed class TellCase(SentinelDatabase database, TimeProvider clock)
{
    /// <param name="asOf">The moment, or null for now.</param>
    public Task<Outcome<CaseAccount>> RunAsync(
        Secret secret,
        Guid caseId,
        DateTimeOffset? asOf,
        CancellationToken cancellation
    ) =>
        AttemptStore.ReadAsync(
            database.Psa,
            secret,
            new Deed("case.read", "case", caseId, caseId),
            "case.read",
            work => ReadAsync(work, caseId, asOf, cancellation),
            cancellation
        );

    async Task<Outcome<CaseAccount>> ReadAsync(
        PresentedTransaction work,
        Guid caseId,
        DateTimeOffset? asOf,
        CancellationToken cancellation
    )
    {
        var account = await InAsync(work, caseId, asOf ?? clock.GetUtcNow(), cancellation);
        return account is null
            ? new Outcome<CaseAccount>.NotFound(
                asOf is null ? $"case {caseId}" : $"case {caseId} at {AccountText.Time(asOf.Value)}"
            )
            : new Outcome<CaseAccount>.Done(account);
    }

    internal static async Task<CaseAccount?> InAsync(
        PresentedTransaction work,
        Guid caseId,
        DateTimeOffset asOf,
        CancellationToken cancellation
    )
    {
        var rows = await LogStore.OfCaseAsync(work, caseId, asOf, cancellation);
        var others = await LogStore.OfOthersAsync(work, Named(rows), asOf, cancellation);
        return Account(caseId, asOf, rows, others);
    }

    /// <summary>Of rows and nothing else, so that whoever has the rows tells the same.</summary>
    internal static CaseAccount? Account(
        Guid caseId,
        DateTimeOffset asOf,
        IReadOnlyList<LoggedRow> rows,
        IReadOnlyList<LoggedRow> others
    )
    {
        var things = LogFold.Fold(rows);
        if (things.FirstOrDefault(one => one.Kind == "case" && one.Id == caseId) is not { } opened)
            return null;
        var names = new LoggedNames(LogFold.Fold(others));
        var severity = things.LastOrDefault(one => one.Kind == "severity")?.Text("severity");
        return new CaseAccount(
            caseId,
            names.Of(caseId),
            opened.Text("summary") ?? "",
            opened.Text("status") ?? "",
            int.Parse(
                severity ?? opened.Text("severity")!,
                System.Globalization.CultureInfo.InvariantCulture
            ),
            asOf,
            new CaseAnswers(opened, things, rows, names, asOf).All(),
            things,
            [.. rows.Select(row => Told(row, names))]
        );
    }

    /// <summary>Everybody and everything that the rows name by id.</summary>
    internal static IReadOnlyCollection<Guid> Named(IEnumerable<LoggedRow> rows) =>
        rows.SelectMany(Ids).ToHashSet();

    static ToldRow Told(LoggedRow row, LoggedNames names) =>
        new(
            row.Position,
            row.At,
            names.Of(row.ActorId),
            row.ActorKind,
            row.OnBehalfOf is { } other ? names.Of(other) : null,
            row.Action,
            RowText.Of(row, names),
            row.IsRefusal,
            row.Detail
        );

    static IEnumerable<Guid> Ids(LoggedRow row)
    {
        yield return row.ActorId;
        if (row.OnBehalfOf is { } other)
            yield return other;
        if (row.SubjectId is { } subject)
            yield return subject;
        if (row.Detail.ValueKind == JsonValueKind.Object)
            foreach (var field in row.Detail.EnumerateObject())
            {
                if (field.Value is { ValueKind: JsonValueKind.Array } pair)
                    foreach (var one in pair.EnumerateArray())
                        if (one.ValueKind == JsonValueKind.String && one.TryGetGuid(out var id))
                            yield return id;
                if (
                    field.Value.ValueKind == JsonValueKind.String
                    && field.Value.TryGetGuid(out var it)
                )
                    yield return it;
            }
    }
}
