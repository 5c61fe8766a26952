using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;
using Sentinel.Workflows.Journal;
using Sentinel.Workflows.Text;

namespace Sentinel.Workflows.Publication;

/// <summary>Every answer to the wish to keep what was drawn.</summary>
public abstract record SaveOutcome
{
    /// <param name="Text">As we write it, with what the editor had dropped.</param>
    /// <param name="OvertakenBy">The version that somebody proposed since this draft was begun, or null.</param>
    public sealed record Saved(string DefinitionId, string Text, int? OvertakenBy) : SaveOutcome;

    /// <summary>It is exactly what the newest version is, but for how it is drawn: there is no draft.</summary>
    public sealed record AsItWas(string DefinitionId, int Version, bool IsPublished) : SaveOutcome;

    public sealed record Unusable(string Reason) : SaveOutcome;

    public sealed record Refused(string Reason) : SaveOutcome;
}

/// <summary>
/// Keeps what somebody draws, however unfinished, as that person's draft. What the editor does not know and
/// therefore dropped is taken from what it was given to edit.
/// </summary>
public sealed partial class SaveDrawing(
    SentinelDatabase database,
    ActivityCatalogue activities,
    TimeProvider clock
)
{
    public const int TextBytesMax = 1024 * 1024;

    /// <param name="json">Elsa 3 definition JSON with its <c>definitionId</c>.</param>
    /// <param name="toPublish">The person is told who overtook the draft: once, and then it may go on.</param>
    public async Task<SaveOutcome> RunAsync(
        Secret secret,
        string json,
        bool toPublish,
        CancellationToken cancellation
    )
    {
        if (System.Text.Encoding.UTF8.GetByteCount(json) > 2 * TextBytesMax)
            return TooLarge;
        if (DefinitionId(json) is not { } definitionId)
            return new SaveOutcome.Unusable(
                "A definition is a JSON object with a definitionId of up to 100 letters, digits, '_' and '-'."
            );
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        var newest = await DefinitionStore.FindNewestAsync(work, definitionId, cancellation);
        var draft = await DraftStore.FindAsync(work, definitionId, cancellation);
        if (Written(json, draft?.Json ?? newest?.Json) is not { } text)
            return new SaveOutcome.Unusable(
                "The definition holds text that is no Unicode, or is nested too deep: correct it."
            );
        if (System.Text.Encoding.UTF8.GetByteCount(text) > TextBytesMax)
            return TooLarge;
        try
        {
            var outcome = await KeepAsync(
                work,
                definitionId,
                text,
                newest,
                draft,
                toPublish,
                cancellation
            );
            await work.CommitAsync(cancellation);
            return outcome;
        }
        catch (PostgresException refused)
            when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return new SaveOutcome.Refused(refused.MessageText);
        }
    }

    async Task<SaveOutcome> KeepAsync(
        PresentedTransaction work,
        string definitionId,
        string text,
        StoredDefinition? newest,
        StoredDraft? draft,
        bool toPublish,
        CancellationToken cancellation
    )
    {
        if (
            draft is null
            && newest is not null
            && DefinitionDifference.Between(newest.Json, text).All(change => change.IsLayout)
        )
            return new SaveOutcome.AsItWas(
                definitionId,
                newest.Version,
                newest.IsShipped
                    || await DefinitionStore.IsPublishedAsync(work, newest.VersionId, cancellation)
            );
        var version = newest?.Version ?? 0;
        var overtaken = draft is not null && draft.BasedOn != version;
        await DraftStore.SaveAsync(
            work,
            definitionId,
            new StoredDraft(overtaken && !toPublish ? draft!.BasedOn : version, text),
            clock.GetUtcNow(),
            cancellation
        );
        return new SaveOutcome.Saved(definitionId, text, overtaken ? version : null);
    }

    static SaveOutcome.Unusable TooLarge =>
        new($"The definition is larger than {TextBytesMax / 1024} KiB: split the workflow.");

    string? Written(string json, string? stored)
    {
        try
        {
            return CanonicalDefinition.Write(json, stored, activities.Descriptions);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static string? DefinitionId(string json)
    {
        try
        {
            var definition = Values.Parse(json);
            return
                definition.ValueKind == JsonValueKind.Object
                && definition.TryGetProperty("definitionId", out var id)
                && id.ValueKind == JsonValueKind.String
                && Name().IsMatch(id.GetString()!)
                ? id.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,100}$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
