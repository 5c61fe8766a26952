using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Policies.Imports;

namespace Sentinel.Cli.Commands;

/// <summary>The holidays of an iCalendar file as clauses, to be put into a calendar.</summary>
static class ImportHolidaysCommand
{
    const int YearsUsual = 3;

    public static Command Build()
    {
        var from = new Argument<string>("FILE") { Description = "An iCalendar file (.ics)." };
        var first = new Option<int?>("--from")
        {
            Description = "The first year to write out what moves; else this year.",
        };
        var years = new Option<int>("--years")
        {
            Description = $"How many years to write out; up to {ImportHolidays.YearsMax}.",
            DefaultValueFactory = _ => YearsUsual,
        };
        var command = new Command(
            "import-holidays",
            "Print the holidays of an iCalendar file as clauses of a calendar."
        )
        {
            from,
            first,
            years,
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
            if (file.Length > ImportHolidays.TextBytesMax)
                return error.Refuse($"{file} has more than {ImportHolidays.TextBytesMax} bytes");
            var firstYear = parsed.GetValue(first) ?? TimeProvider.System.GetUtcNow().Year;
            if (firstYear is < 1970 or > 2199)
                return error.Refuse("--from is a year from 1970 to 2199");
            if (parsed.GetValue(years) is < 1 or > ImportHolidays.YearsMax)
                return error.Refuse($"--years is a number from 1 to {ImportHolidays.YearsMax}");
            switch (
                ImportHolidays.Run(
                    File.ReadAllText(file.FullName),
                    firstYear,
                    parsed.GetValue(years)
                )
            )
            {
                case HolidayImport.ClausesOf imported:
                    foreach (var clause in imported.Clauses)
                        output.WriteLine($"  {clause}");
                    foreach (var reason in imported.LeftOut)
                        error.WriteLine($"Left out: {reason}.");
                    return ExitCodes.Yes;
                case HolidayImport.Refused refused:
                    return error.Refuse(refused.Reason);
                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        });
        return command;
    }
}
