using System.Data.Common;
using Sentinel.Postgres.Access;

namespace Sentinel.Cli.Output;

/// <summary>What a person reads when something went wrong: one sentence, with what to do.</summary>
static class FailureText
{
    /// <summary>ENOSPC, as .NET hands it through.</summary>
    const int NoSpaceLeft = 28;

    const string PostgresDiskFull = "53100";

    const string DiskFull =
        "The disk is full: free some space and run the command again; nothing is half-written.";

    public static string Sentence(Exception failure) =>
        failure switch
        {
            CredentialRefusedException refused => OneLine("Refused: " + refused.Message),
            OperationCanceledException => "Stopped before the end; what was committed stays.",
            FileNotFoundException { FileName: { } name } => $"There is no file {name}.",
            IOException { HResult: NoSpaceLeft } => DiskFull,
            DbException { SqlState: PostgresDiskFull } => DiskFull,
            DbException { SqlState: null } lost => OneLine(
                "The database stopped answering: " + lost.Message
            ),
            _ => OneLine(failure.Message),
        };

    static string OneLine(string message)
    {
        var text = message.ReplaceLineEndings(" ").Trim();
        return text is [.., '.' or '?' or '!'] ? text : text + ".";
    }
}
