using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace Sentinel.Server;

/// <summary>
/// One JSON object a line under <c>logs/</c> in the data directory, each with the correlation id that
/// leads from a line to its case. What people should read is printed; the log is for searching.
/// </summary>
public static class ServerLog
{
    const int FilesMax = 31;
    const long FileBytesMax = 100 * 1024 * 1024;

    /// <summary>The property that every line of one story carries.</summary>
    public const string CorrelationId = "CorrelationId";

    /// <param name="data">Whose logs.</param>
    /// <param name="toConsole">Also on standard output: for a server in a container.</param>
    public static void Start(DataDirectory data, bool toConsole)
    {
        var logger = new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft.AspNetCore", LogEventLevel.Warning)
            .MinimumLevel.Override("Hangfire", LogEventLevel.Warning)
            .Enrich.FromLogContext()
            .Destructure.ByTransforming<Secret>(secret => secret.ToString())
            .WriteTo.File(
                new CompactJsonFormatter(),
                Path.Combine(data.Logs, "sentinel-.log"),
                rollingInterval: RollingInterval.Day,
                rollOnFileSizeLimit: true,
                fileSizeLimitBytes: FileBytesMax,
                retainedFileCountLimit: FilesMax,
                shared: true
            );
        if (toConsole)
            logger = logger.WriteTo.Console(new CompactJsonFormatter());
        Log.Logger = logger.CreateLogger();
    }
}
