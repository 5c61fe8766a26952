using System.Text;
using Sentinel.Cli;

const int OutputBytes = 64 * 1024;

// The console's own writer hands on a few hundred letters at a time, and hits may be many megabytes.
using var output = new StreamWriter(
    Console.OpenStandardOutput(),
    new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
    OutputBytes
)
{
    AutoFlush = true,
};
Console.SetOut(output);
return await CommandTable.RunAsync(args, Console.Out, Console.Error);
