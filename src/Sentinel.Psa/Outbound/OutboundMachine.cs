using Sentinel.Postgres.Machines;

namespace Sentinel.Psa.Outbound;

public enum OutboundState
{
    Asked,
    Sent,
    Succeeded,
    Failed,
    TimedOut,
}

public enum OutboundTrigger
{
    Send,
    Succeed,
    Fail,
    Expire,
}

/// <summary>Where a request to a connector can go: sent, and then it succeeds, fails or is too late.</summary>
public static class OutboundMachine
{
    const string Permission = "task.act";

    public static ArrowTable<OutboundState, OutboundTrigger> Table { get; } =
        new(
            "outbound",
            OutboundState.Asked,
            To(OutboundState.Asked, OutboundTrigger.Send, OutboundState.Sent),
            To(OutboundState.Asked, OutboundTrigger.Fail, OutboundState.Failed),
            To(OutboundState.Asked, OutboundTrigger.Expire, OutboundState.TimedOut),
            To(OutboundState.Sent, OutboundTrigger.Succeed, OutboundState.Succeeded),
            To(OutboundState.Sent, OutboundTrigger.Fail, OutboundState.Failed),
            To(OutboundState.Sent, OutboundTrigger.Expire, OutboundState.TimedOut)
        );

    static Arrow<OutboundState, OutboundTrigger> To(
        OutboundState from,
        OutboundTrigger verb,
        OutboundState to
    ) => new(from, verb, to, Who.Anybody, Permission, "none");
}
