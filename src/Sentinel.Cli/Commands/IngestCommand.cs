using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Psa.Organisations;
using Sentinel.Server;
using Sentinel.Siem;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Cli.Commands;

/// <summary>Bulk load through the same path as the server; what it raises is delivered at the end.</summary>
static class IngestCommand
{
    public static Command Build()
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "Text, NDJSON, a JSON array or concatenated JSON values.",
            Arity = ArgumentArity.OneOrMore,
        };
        var source = new Option<string?>("--source")
        {
            Description = "The registration that vouches for the files.",
        };
        var organisation = new Option<string?>("--organisation")
        {
            Description = "Refuse unless the credential belongs to this organisation.",
        };
        var year = new Option<int?>("--year") { Description = "For times without a year." };
        var json = CommandResults.Json();
        var command = new Command("ingest", "Load files through the same path as the server.")
        {
            files,
            source,
            organisation,
            year,
            json,
        };
        command.SetAction(
            (parsed, cancellation) =>
                RunAsync(
                    parsed,
                    parsed.GetValue(files)!,
                    parsed.GetValue(source),
                    parsed.GetValue(organisation),
                    new NormaliserOptions { Year = parsed.GetValue(year) },
                    parsed.GetValue(json),
                    cancellation
                )
        );
        return command;
    }

    static async Task<int> RunAsync(
        ParseResult parsed,
        string[] files,
        string? source,
        string? organisation,
        NormaliserOptions options,
        bool json,
        CancellationToken cancellation
    )
    {
        await using var session = await CommandSession.OpenAsync(cancellation);
        if (organisation is not null)
        {
            var mine = await session.Use<WhoIsAsking>().RunAsync(session.Secret, cancellation);
            if (mine.Organisation != organisation)
                return parsed.InvocationConfiguration.Error.Refuse(
                    $"your credential belongs to '{mine.Organisation}', not to '{organisation}': "
                        + "set SENTINEL_TOKEN to one of theirs"
                );
        }
        var what = files.Length == 1 ? files[0] : $"{files.Length} files";
        var outcome = await ProgressBar
            .OnStandardError()
            .WhileAsync(
                $"reading {what}",
                step =>
                    session
                        .Use<IngestFiles>()
                        .RunAsync(
                            session.Secret,
                            files,
                            source,
                            options,
                            new Reporter(so =>
                                step($"reading {what}: {so.Lines} lines, {so.Findings} findings")
                            ),
                            cancellation
                        )
            );
        if (outcome is not IngestOutcome.Ingested { Counts: var counts })
            return parsed.InvocationConfiguration.Error.Refuse(
                ((IngestOutcome.Refused)outcome).Reason
            );
        var swept = await session.Use<SweepOnce>().RunAsync(cancellation);
        if (json)
            parsed.InvocationConfiguration.Output.WriteJson(counts);
        else
            Print(parsed.InvocationConfiguration.Output, counts, swept);
        return ExitCodes.Yes;
    }

    static void Print(TextWriter output, IngestCounts counts, SweepCounts swept)
    {
        output.WriteLine(
            $"{counts.Lines} lines: {counts.Events} events, {counts.Unparsed} unparsed, "
                + $"{counts.Duplicates} duplicates, {counts.SeenBefore} seen before."
        );
        output.WriteLine(
            $"{counts.Hits} hits, {counts.Findings} findings, {swept.Delivered} escalated to casework."
        );
        if (counts.Excepted > 0)
            output.WriteLine(
                $"{counts.Excepted} matches fall under an exception of their rule: ./sentinel exceptions"
            );
        if (counts.Unparsed > 0)
            output.WriteLine("What could not be read, and why: ./sentinel failures");
        if (swept.LastError is { } error)
            output.WriteLine($"An escalation waits to be delivered: {error}");
    }

    // Progress<T> would hand reports to the thread pool, where they arrive late and out of order.
    sealed class Reporter(Action<IngestCounts> report) : IProgress<IngestCounts>
    {
        public void Report(IngestCounts value) => report(value);
    }
}
