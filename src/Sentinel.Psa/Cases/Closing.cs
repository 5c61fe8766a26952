using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Cases;

/// <summary>What is known of a case when somebody wants to close it.</summary>
/// <param name="Workers">Every identity that worked in the case.</param>
/// <param name="Mine">Every identity of the person who asks.</param>
sealed record ClosingFacts(
    IReadOnlySet<Guid> Workers,
    IReadOnlySet<Guid> Mine,
    bool Disposed,
    IReadOnlyList<string> OpenTasks,
    int OpenApprovals,
    IReadOnlyList<EvidenceNeed> Evidence,
    IReadOnlyList<string> RequiredRoles,
    IReadOnlyList<AttestationSeen> Attestations
);

sealed record EvidenceNeed(string EvidenceType, int AtLeast, int Attached);

/// <param name="Independent">No identity of the attestor has worked in the case since.</param>
/// <param name="SawAll">Nothing was added to the case after it.</param>
sealed record AttestationSeen(string AsRole, bool Independent, bool SawAll);

/// <summary>What stands between a case and its end. The database says the same in its own words.</summary>
static class Closing
{
    /// <summary>Everything that is missing at once, or null.</summary>
    public static RuleRefusal? Refuse(IReadOnlyList<RuleRefusal> missing) =>
        missing.Count == 0
            ? null
            : new RuleRefusal(
                missing[0].Rule,
                string.Join("; ", missing.Select(one => one.Reason)),
                string.Join("; ", missing.Select(one => one.Instead).Distinct())
            );

    public static IReadOnlyList<RuleRefusal> Missing(ClosingFacts facts) =>
        [
            .. OwnWork("case.close", "close", facts),
            .. Disposition(facts),
            .. OpenWork(facts),
            .. Evidence(facts),
            .. Attestations(facts),
        ];

    /// <summary>What is left to do, whoever asks.</summary>
    public static IReadOnlyList<RuleRefusal> Left(ClosingFacts facts) =>
        [.. Disposition(facts), .. OpenWork(facts), .. Evidence(facts), .. Attestations(facts)];

    /// <summary>Nobody judges their own work, under whichever identity it was done.</summary>
    public static IEnumerable<RuleRefusal> OwnWork(string action, string verb, ClosingFacts facts)
    {
        if (facts.Workers.Overlaps(facts.Mine))
            yield return new RuleRefusal(
                action + ".own_work",
                $"whoever worked in a case cannot {verb} it: this person did, "
                    + "under one identity or another",
                $"somebody with the permission {action} who did none of the work"
            )
            {
                Able = new Able(action),
            };
    }

    static IEnumerable<RuleRefusal> Disposition(ClosingFacts facts)
    {
        if (!facts.Disposed)
            yield return new RuleRefusal(
                "case.close.disposition",
                "no disposition says whether it was resolved correctly",
                "whoever works on the case decides it"
            );
    }

    static IEnumerable<RuleRefusal> OpenWork(ClosingFacts facts)
    {
        if (facts.OpenTasks.Count > 0)
            yield return new RuleRefusal(
                "case.close.open_task",
                $"{facts.OpenTasks.Count} open task(s): {string.Join(", ", facts.OpenTasks)}",
                "the assignees complete them, or a person cancels them with a reason"
            );
        if (facts.OpenApprovals > 0)
            yield return new RuleRefusal(
                "case.close.open_approval",
                $"{facts.OpenApprovals} undecided approval(s)",
                "somebody who did none of the work decides them, or who asked withdraws them"
            );
    }

    static IEnumerable<RuleRefusal> Evidence(ClosingFacts facts) =>
        from need in facts.Evidence
        where need.Attached < need.AtLeast
        select new RuleRefusal(
            "case.close.evidence",
            $"{need.Attached} of {need.AtLeast} evidence items of type {need.EvidenceType}",
            "anybody with evidence.attach attaches them"
        );

    static IEnumerable<RuleRefusal> Attestations(ClosingFacts facts)
    {
        var counted = facts.Attestations.Where(one => one is { Independent: true, SawAll: true });
        var held = counted.Select(one => one.AsRole).ToHashSet();
        if (facts.RequiredRoles.Count == 0 && held.Count == 0)
            yield return Unattested("somebody with case.attest", null);
        foreach (var role in facts.RequiredRoles.Where(role => !held.Contains(role)))
            yield return Unattested($"somebody with the role {role}", role);
    }

    static RuleRefusal Unattested(string who, string? role) =>
        new(
            "case.close.attestation",
            $"no attestation by {who} who did none of the work and saw all of it",
            $"{who} who did none of the work"
        )
        {
            Able = new Able("case.attest", role),
        };
}
