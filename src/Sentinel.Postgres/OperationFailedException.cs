namespace Sentinel.Postgres;

/// <summary>
/// The surroundings failed, not the program: no database, a full disk, a missing file. The message is
/// one sentence for people, with what to do; hosts print it and exit 1.
/// </summary>
public sealed class OperationFailedException(string message, Exception? inner = null)
    : Exception(message, inner);
