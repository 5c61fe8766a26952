using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Psa.Assets;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>What work can be done to: referenced, never copied.</summary>
static class AssetCommand
{
    public static Command Build() =>
        new("asset", "Manage assets: list, add, retire, link to cases.")
        {
            List(),
            Add(),
            Retire(),
            Link(),
            Unlink(),
        };

    static Command List()
    {
        var named = Text(
            "--named",
            "Part of a name, of a host name or address, or of its id elsewhere."
        );
        var after = new Option<Guid?>("--after")
        {
            Description = "The id of the last asset of the page before.",
        };
        return CaseworkCommands.Build(
            "list",
            "List assets by name, 200 a page.",
            [named, after],
            async asked =>
                asked.SayAll(
                    await asked
                        .Use<ListAssets>()
                        .RunAsync(
                            asked.Secret,
                            asked.Get(named),
                            asked.Get(after),
                            asked.Cancellation
                        ),
                    asset =>
                        $"{asset.Id}  {asset.Criticality, 2}  {asset.Status, -7}  {asset.AssetType}  "
                        + CaseText.Printable(
                            string.Join(", ", asset.Names.Prepend(asset.Name).Distinct())
                        ),
                    "No such asset."
                )
        );
    }

    static Command Add()
    {
        var type = Words("TYPE", "One word, such as server or endpoint.");
        var name = Words("NAME", "As it is to be read.");
        var criticality = new Option<int>("--criticality")
        {
            Description = "0 to 10.",
            DefaultValueFactory = _ => 4,
        };
        var known = new Option<string[]>("--known-as")
        {
            Description = "A host name or address by which events know it; may be given again.",
        };
        var reference = Text("--ref", "Its id in the system that knows it best.");
        return CaseworkCommands.Build(
            "add",
            "Register something that work can be done to.",
            [type, name, criticality, known, reference],
            async asked =>
                asked.Say(
                    await asked
                        .Use<RegisterAsset>()
                        .RunAsync(
                            asked.Secret,
                            new NewAsset(
                                asked.Get(type)!,
                                asked.Get(name)!,
                                asked.Get(reference),
                                asked.Get(known) ?? [],
                                asked.Get(criticality)
                            ),
                            asked.Cancellation
                        ),
                    id => $"{asked.Get(name)} is registered: asset {id}."
                )
        );
    }

    static Command Retire()
    {
        var id = CommandResults.Id("The asset's id.");
        return CaseworkCommands.Build(
            "retire",
            "Retire an asset: it takes no new work and keeps its history.",
            [id],
            async asked =>
                asked.Say(
                    await asked
                        .Use<RetireAsset>()
                        .RunAsync(asked.Secret, asked.Get(id), asked.Cancellation),
                    _ => "It is retired."
                )
        );
    }

    static Command Link()
    {
        var id = CommandResults.Id("The asset's id.");
        return OnCase(
            "link",
            "Say that a case is about an asset.",
            [id],
            async (asked, caseId) =>
                asked.Say(
                    await asked
                        .Use<LinkAsset>()
                        .RunAsync(asked.Secret, caseId, asked.Get(id), asked.Cancellation),
                    Names
                )
        );
    }

    static Command Unlink()
    {
        var (id, reason) = (CommandResults.Id("The asset's id."), Reason());
        return OnCase(
            "unlink",
            "Take an asset off a case again.",
            [id, reason],
            async (asked, caseId) =>
                asked.Say(
                    await asked
                        .Use<UnlinkAsset>()
                        .RunAsync(
                            asked.Secret,
                            caseId,
                            asked.Get(id),
                            asked.Get(reason)!,
                            asked.Cancellation
                        ),
                    Names
                )
        );
    }

    static string Names(IReadOnlyList<CaseAsset> assets) =>
        assets.Count == 0
            ? "The case is about no asset."
            : "It is about "
                + CaseText.Printable(string.Join(", ", assets.Select(asset => asset.Name)))
                + ".";
}
