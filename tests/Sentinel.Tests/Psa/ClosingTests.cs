using FsCheck.Xunit;
using Sentinel.Psa.Cases;

namespace Sentinel.Tests.Psa;

public sealed class ClosingTests
{
    static readonly Guid Analyst = new("00000000-0000-0000-0000-00000000000a");
    static readonly Guid Manager = new("00000000-0000-0000-0000-00000000000b");

    static readonly ClosingFacts Ready = new(
        new HashSet<Guid> { Analyst },
        new HashSet<Guid> { Manager },
        Disposed: true,
        OpenTasks: [],
        OpenApprovals: 0,
        [new EvidenceNeed("log", 1, 1)],
        ["incident_manager"],
        [new AttestationSeen("incident_manager", Independent: true, SawAll: true)]
    );

    [Fact]
    public void A_case_with_everything_can_be_closed() =>
        Assert.Null(Closing.Refuse(Closing.Missing(Ready)));

    [Fact]
    public void Whoever_worked_cannot_close_under_any_identity() =>
        Only(
            "case.close.own_work",
            Ready with
            {
                Mine = new HashSet<Guid> { Manager, Analyst },
            }
        );

    [Fact]
    public void Closing_needs_a_disposition() =>
        Only("case.close.disposition", Ready with { Disposed = false });

    [Fact]
    public void Closing_needs_every_task_ended() =>
        Only("case.close.open_task", Ready with { OpenTasks = ["Call root"] });

    [Fact]
    public void Closing_needs_every_approval_decided() =>
        Only("case.close.open_approval", Ready with { OpenApprovals = 1 });

    [Fact]
    public void Closing_needs_the_evidence_that_the_policy_asks_for() =>
        Only("case.close.evidence", Ready with { Evidence = [new EvidenceNeed("log", 2, 1)] });

    [Theory]
    [InlineData("analyst", true, true)]
    [InlineData("incident_manager", false, true)]
    [InlineData("incident_manager", true, false)]
    public void An_attestation_counts_by_role_independence_and_what_it_saw(
        string role,
        bool independent,
        bool sawAll
    ) =>
        Only(
            "case.close.attestation",
            Ready with
            {
                Attestations = [new AttestationSeen(role, independent, sawAll)],
            }
        );

    [Fact]
    public void Where_no_role_is_named_somebody_still_has_to_attest()
    {
        Assert.Null(Closing.Refuse(Closing.Missing(Ready with { RequiredRoles = [] })));
        Only("case.close.attestation", Ready with { RequiredRoles = [], Attestations = [] });
    }

    [Property]
    public bool A_refusal_says_all_that_is_missing(bool disposed, byte open, byte asked, byte have)
    {
        var facts = Ready with
        {
            Disposed = disposed,
            OpenTasks = [.. Enumerable.Range(0, open % 3).Select(n => $"task {n}")],
            OpenApprovals = asked % 3,
            Evidence = [new EvidenceNeed("log", 2, have % 4)],
        };
        var expected =
            (disposed ? 0 : 1)
            + (open % 3 > 0 ? 1 : 0)
            + (asked % 3 > 0 ? 1 : 0)
            + (have % 4 < 2 ? 1 : 0);
        var refusal = Closing.Refuse(Closing.Missing(facts));
        return Closing.Missing(facts).Count() == expected
            && (refusal is null) == (expected == 0)
            && Closing.Missing(facts).All(one => refusal!.Reason.Contains(one.Reason));
    }

    static void Only(string rule, ClosingFacts facts)
    {
        var missing = Assert.Single(Closing.Missing(facts));
        Assert.Equal(rule, missing.Rule);
        Assert.NotEmpty(missing.Instead!);
    }
}
