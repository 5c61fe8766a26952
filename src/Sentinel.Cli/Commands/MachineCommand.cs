using System.CommandLine;

namespace Sentinel.Cli.Commands;

/// <summary>Programs of other modules that deliver under their own name.</summary>
static class MachineCommand
{
    public static Command Build() =>
        new("machine", "Give other modules' programs what they present.")
        {
            TokenCommand.OfMachine(),
        };
}
