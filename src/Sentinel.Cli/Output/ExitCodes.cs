namespace Sentinel.Cli.Output;

/// <summary>What scripts can rely on.</summary>
static class ExitCodes
{
    public const int Yes = 0;

    /// <summary>A failed check, a refused action, surroundings that failed.</summary>
    public const int No = 1;

    public const int WrongUsage = 2;
}

/// <summary>The command cannot be understood as it was given; the message says what it takes.</summary>
sealed class WrongUsageException(string message) : Exception(message);
