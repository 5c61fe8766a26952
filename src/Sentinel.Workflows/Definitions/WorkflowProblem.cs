namespace Sentinel.Workflows.Definitions;

/// <summary>Why a definition cannot be published, where, and what to do about it.</summary>
/// <param name="Code">WFL001 and up; a code is never reused.</param>
/// <param name="Where">An activity's id, a connection, a variable, or "definition".</param>
public sealed record WorkflowProblem(string Code, string Where, string Message)
{
    public override string ToString() => $"{Where}: {Code} {Message}";
}
