using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Policies.Model;
using Sentinel.Policies.Sigma;
using Sentinel.Policies.Store;
using Sentinel.Siem.Detection;

namespace Sentinel.Cli.Commands;

/// <summary>Sources and rules over files, no database: a line for each hit.</summary>
static class DetectCommand
{
    public static Command Build()
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "Text, NDJSON, a JSON array or concatenated JSON values.",
            Arity = ArgumentArity.OneOrMore,
        };
        var policies = new Option<string[]>("--policies")
        {
            Description = "Replaces the shipped rules; may be given again.",
        };
        var sigma = new Option<string?>("--sigma")
        {
            Description = "A folder of Sigma rules, which are imported and added.",
        };
        var source = new Option<string?>("--source")
        {
            Description = "Read every record with the source of this name.",
        };
        var year = new Option<int?>("--year") { Description = "For times without a year." };
        var zone = new Option<string?>("--zone")
        {
            Description = "For times without a zone; else they are UTC.",
        };
        var geo = new Option<string[]>("--geo")
        {
            Description = "An mmdb file; may be given again.",
        };
        var readers = new Option<int?>("--workers")
        {
            Description = "How many read at once; else as many as there are processors.",
        };
        var all = new Option<bool>("--all")
        {
            Description = "Also later matches under 'once per'.",
        };
        var explain = ExplainCommand.EachHit();
        var json = CommandResults.Json();
        var command = new Command("detect", "Say what the rules find in files.")
        {
            files,
            policies,
            sigma,
            source,
            year,
            zone,
            geo,
            readers,
            all,
            explain,
            json,
        };
        command.SetAction(
            (parsed, cancellation) =>
                parsed.GetValue(explain)
                    ? ExplainCommand.AllAsync(parsed, Asked(parsed), json, cancellation)
                    : RunAsync(parsed, Asked(parsed), parsed.GetValue(json), cancellation)
        );
        return command;

        DetectRequest Asked(ParseResult parsed)
        {
            var import = parsed.GetValue(sigma) is { } folder
                ? ImportSigma.Run(SigmaFolder.Read(folder))
                : null;
            foreach (var skipped in import?.Skipped ?? [])
                parsed.InvocationConfiguration.Error.WriteLine(
                    $"{skipped.File} is not imported: {skipped.Reason}"
                );
            return new DetectRequest
            {
                Files = parsed.GetValue(files)!,
                Shipped = ShippedPolicies.Texts,
                Policies = parsed.GetValue(policies) is { Length: > 0 } paths
                    ? PolicyFiles.Read(paths)
                    : null,
                Added = import?.Texts ?? [],
                Source = parsed.GetValue(source),
                Year = parsed.GetValue(year),
                Zone = ZoneOf(parsed.GetValue(zone)),
                Readers = Math.Max(1, parsed.GetValue(readers) ?? Environment.ProcessorCount),
                All = parsed.GetValue(all),
                GeoDatabases = parsed.GetValue(geo) ?? [],
            };
        }
    }

    static async Task<int> RunAsync(
        ParseResult parsed,
        DetectRequest request,
        bool json,
        CancellationToken cancellation
    )
    {
        var bytes = request.Files.Where(File.Exists).Sum(file => new FileInfo(file).Length);
        var what = request.Files.Count == 1 ? request.Files[0] : $"{request.Files.Count} files";
        var (output, error) = (
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error
        );
        var bar = ProgressBar.OnStandardError();
        await using var printed = new DetectPrinter(output, json, waits: bar.IsShown);
        var outcome = await bar.RunAsync(
            what,
            bytes,
            report =>
                Task.Run(
                    () =>
                        new DetectFiles(TimeProvider.System).Run(
                            request with
                            {
                                Progress = new Reporter(report),
                            },
                            printed.Print,
                            cancellation
                        ),
                    cancellation
                )
        );
        switch (outcome)
        {
            case DetectOutcome.Detected detected:
                List<Diagnostic> leftOut = [.. detected.LeftOut.Where(d => !d.IsWarning)];
                if (leftOut.Count > 0)
                    error.WriteDiagnostics(leftOut, request.Added);
                await printed.EndAsync(detected.Summary);
                return ExitCodes.Yes;
            case DetectOutcome.BadPolicies bad:
                error.WriteDiagnostics(
                    bad.Diagnostics,
                    [.. request.Policies ?? [], .. request.Shipped]
                );
                return ExitCodes.No;
            case DetectOutcome.Refused refused:
                return error.Refuse(refused.Reason);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    static TimeZoneInfo ZoneOf(string? name)
    {
        if (string.IsNullOrEmpty(name))
            return TimeZoneInfo.Utc;
        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
            return zone;
        return
            TimeSpan.TryParseExact(name[1..], @"hh\:mm", null, out var offset)
            && (name[0] is '+' or '-')
            && offset.TotalHours <= 14
            ? TimeZoneInfo.CreateCustomTimeZone(name, name[0] == '-' ? -offset : offset, name, name)
            : throw new WrongUsageException(
                $"'{name}' is not a time zone: use a name such as Europe/Berlin, or +02:00."
            );
    }

    sealed class Reporter(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
