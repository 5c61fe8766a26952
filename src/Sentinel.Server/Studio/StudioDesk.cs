using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Automation;
using Sentinel.Workflows.Publication;

namespace Sentinel.Server.Studio;

/// <summary>What Studio's requests have in common: reading, keeping and publishing in Studio's words.</summary>
sealed partial class StudioDesk(
    SentinelDatabase database,
    ReadLibrary library,
    SaveDrawing save,
    PublishWorkflow publish,
    ApproveWorkflow approve
)
{
    public Task<bool> MayEditAsync(Secret secret, CancellationToken cancellation) =>
        Permissions.HasAsync(database, secret, "workflow.publish", cancellation);

    /// <exception cref="CredentialRefusedException">It may not read workflows.</exception>
    public async Task<IReadOnlyList<LibraryText>> ReadAsync(
        Secret secret,
        string? definitionId,
        CancellationToken cancellation
    ) =>
        (await library.RunAsync(secret, definitionId, cancellation)).Match(
            all => all,
            _ => [],
            refusal =>
                throw new CredentialRefusedException(
                    $"{refusal.Reason}: sign in with a token that has it."
                )
        );

    /// <param name="versionOptions">As Studio says it: Latest, Published, or the number of a version.</param>
    public async Task<LibraryText?> ChooseAsync(
        Secret secret,
        string definitionId,
        string? versionOptions,
        CancellationToken cancellation
    ) =>
        (await ReadAsync(secret, definitionId, cancellation)).FirstOrDefault(version =>
            StudioDefinitions.IsMeant(version.Entry, versionOptions ?? "Latest")
        );

    public async Task<IResult> ShowAsync(
        Secret secret,
        Func<LibraryText, bool> isMeant,
        CancellationToken cancellation
    ) =>
        (await ReadAsync(secret, null, cancellation)).FirstOrDefault(isMeant) is { } version
            ? StudioJson.Answer(
                StudioDefinition.Of(version, await MayEditAsync(secret, cancellation))
            )
            : StudioJson.No(404, "There is no such version of a workflow.");

    /// <summary>Keeps the draft. A workflow without an id gets one from its name, and the model has it then.</summary>
    public async Task<IResult> SaveAsync(
        Secret secret,
        JsonObject model,
        bool toPublish,
        CancellationToken cancellation
    )
    {
        if (model["definitionId"]?.ToString() is null or "")
            model["definitionId"] = await NewIdAsync(
                secret,
                model["name"]?.ToString() ?? "workflow",
                cancellation
            );
        string text;
        try
        {
            text = model.ToJsonString();
        }
        catch (InvalidOperationException)
        {
            return StudioJson.No(422, "The definition holds text that is no Unicode: correct it.");
        }
        var outcome = await save.RunAsync(secret, text, toPublish, cancellation);
        return outcome switch
        {
            SaveOutcome.Saved { OvertakenBy: { } version } when toPublish => StudioJson.No(
                409,
                $"Version {version} was proposed since you began. Your draft is kept: look at the differences, "
                    + "and publish again to put yours in its place."
            ),
            SaveOutcome.Saved saved => await SavedAsync(secret, saved.DefinitionId, cancellation),
            SaveOutcome.AsItWas same => await SavedAsync(secret, same.DefinitionId, cancellation),
            SaveOutcome.Unusable unusable => StudioJson.No(422, unusable.Reason),
            SaveOutcome.Refused refused => StudioJson.No(403, Sentence(refused.Reason)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Proposes one's draft; publishes what somebody else proposed.</summary>
    public async Task<IResult> PublishAsync(
        Secret secret,
        string definitionId,
        CancellationToken cancellation
    )
    {
        if (await ChooseAsync(secret, definitionId, "Latest", cancellation) is not { } latest)
            return StudioJson.No(404, $"There is no workflow {definitionId}.");
        var outcome = latest.Entry.State switch
        {
            LibraryState.Draft => await publish.RunAsync(secret, latest.Json, cancellation),
            LibraryState.Proposed => await approve.RunAsync(
                secret,
                definitionId,
                latest.Entry.Version,
                cancellation
            ),
            _ => new PublishOutcome.AlreadySo(definitionId, latest.Entry.Version),
        };
        return outcome switch
        {
            PublishOutcome.Proposed proposed => StudioJson.No(
                409,
                $"Version {proposed.Version} is proposed and kept, and it takes a second person: it runs once "
                    + "somebody else who may publish workflows has opened it here and published it."
            ),
            PublishOutcome.Invalid invalid => StudioJson.No(
                422,
                invalid.Problems.Select(problem => problem.ToString())
            ),
            PublishOutcome.Refused refused => StudioJson.No(409, Sentence(refused.Reason)),
            PublishOutcome.NotFound missing => StudioJson.No(404, $"There is no {missing.What}."),
            _ => await SavedAsync(secret, definitionId, cancellation),
        };
    }

    async Task<IResult> SavedAsync(
        Secret secret,
        string definitionId,
        CancellationToken cancellation
    )
    {
        var latest = await ChooseAsync(secret, definitionId, "Latest", cancellation);
        return StudioJson.Answer(
            new
            {
                workflowDefinition = StudioDefinition.Of(
                    latest!,
                    await MayEditAsync(secret, cancellation)
                ),
                alreadyPublished = latest!.Entry.InForce,
                consumingWorkflowCount = 0,
                validationErrors = Array.Empty<object>(),
            }
        );
    }

    async Task<string> NewIdAsync(Secret secret, string name, CancellationToken cancellation)
    {
        var word = NoName().Replace(name.ToLowerInvariant(), "_").Trim('_');
        word = word.Length == 0 ? "workflow" : word[..Math.Min(word.Length, 80)];
        var taken = (await ReadAsync(secret, null, cancellation))
            .Select(version => version.Entry.DefinitionId)
            .ToHashSet(StringComparer.Ordinal);
        return Enumerable
            .Range(1, taken.Count + 1)
            .Select(number => number == 1 ? word : $"{word}_{number}")
            .First(id => !taken.Contains(id));
    }

    static string Sentence(string reason) => char.ToUpperInvariant(reason[0]) + reason[1..] + ".";

    [GeneratedRegex("[^a-z0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex NoName();
}
