using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Psa.Governance;

namespace Sentinel.Cli.Commands;

/// <summary>Governance, proved by visiting every case there can be in a small world.</summary>
static class VerifyGovernanceCommand
{
    public static Command Build()
    {
        var whole = new Option<bool>("--whole")
        {
            Description = "Also the large worlds; takes a quarter of an hour.",
        };
        var file = new Option<string?>("--out")
        {
            Description = "Write the report to this file instead of printing it.",
        };
        var command = new Command(
            "governance",
            "Visit every case there can be: no machine decides, nobody closes alone, two can finish."
        )
        {
            whole,
            file,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var proof = ProveGovernance.Run(parsed.GetValue(whole), cancellation);
                if (parsed.GetValue(file) is { } path)
                    await File.WriteAllTextAsync(path, proof.Report, cancellation);
                else
                    parsed.InvocationConfiguration.Output.Write(proof.Report);
                return proof.Holds
                    ? ExitCodes.Yes
                    : parsed.InvocationConfiguration.Error.Refuse(
                        "governance does not hold in every world: see the report"
                    );
            }
        );
        return command;
    }
}
