namespace Sentinel.Workflows.Execution;

/// <summary>An activity cannot go on. Becomes an incident of its instance, never reaches the host.</summary>
sealed class WorkflowFaultException(string message, string? inner = null) : Exception(message)
{
    public string? Inner { get; } = inner;
}
