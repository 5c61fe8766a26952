using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Policies.Imports;

namespace Sentinel.Cli.Commands;

/// <summary>A file with an entry a line as a list, to be published as any policy is.</summary>
static class ImportListCommand
{
    public static Command Build()
    {
        var from = new Argument<string>("FILE")
        {
            Description = "An entry a line; what stands behind # is why it is there.",
        };
        var name = new Option<string>("--name") { Description = "The list's.", Required = true };
        var type = new Option<string>("--type")
        {
            Description = "cidr, word, hash or number.",
            Required = true,
        };
        var command = new Command("import-list", "Print a file of entries as a list of ours.")
        {
            from,
            name,
            type,
        };
        command.SetAction(parsed =>
        {
            var (output, error) = (
                parsed.InvocationConfiguration.Output,
                parsed.InvocationConfiguration.Error
            );
            var file = new FileInfo(parsed.GetValue(from)!);
            if (!file.Exists)
                return error.Refuse($"there is no file {file}");
            if (file.Length > ImportList.FileBytesMax)
                return error.Refuse(
                    $"{file} has more than {ImportList.FileBytesMax} bytes: split it into several lists"
                );
            var import = ImportList.Run(
                File.ReadAllText(file.FullName),
                parsed.GetValue(name)!,
                parsed.GetValue(type)!
            );
            switch (import)
            {
                case ListImport.ListText list:
                    output.Write(list.Text);
                    foreach (var reason in list.LeftOut)
                        error.WriteLine($"Left out: {reason}");
                    return list.LeftOut.Count == 0 ? ExitCodes.Yes : ExitCodes.No;
                case ListImport.Refused refused:
                    return error.Refuse(refused.Reason);
                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        });
        return command;
    }
}
