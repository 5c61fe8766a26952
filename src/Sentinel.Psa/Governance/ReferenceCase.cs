using Sentinel.Psa.Cases;
using Sentinel.Psa.Tasks;

namespace Sentinel.Psa.Governance;

/// <summary>
/// A case as governance sees it, and nothing else: who did something in it, what is open, who attested.
/// People are bits 0 to 3, the workflow's machine is bit 4. Small enough to visit all that there are.
/// </summary>
/// <param name="Workers">Every identity under which work was done, as bits.</param>
/// <param name="Attested">Attestations that saw everything, a bit for each pair of person and in whose name.</param>
/// <param name="Tasks">Five bits for each task: two for its state, three for its assignee and one.</param>
/// <param name="Asker">Who asked for the open approval: bit number and one, or 0 where none is open.</param>
/// <param name="Delegation">Who delegated to whom: 1 + 4 × delegator + delegate, or 0.</param>
/// <param name="Elsewhere">Work in the other case, as bits.</param>
/// <param name="Merged">The other case is merged with this one.</param>
/// <param name="Follows">It follows on a case that was sealed.</param>
readonly record struct ReferenceCase(
    CaseState Status,
    bool Disposed,
    int Workers,
    int Attested,
    int Tasks,
    int Asker,
    int Delegation,
    int Elsewhere,
    bool Merged,
    bool Follows
)
{
    public const int People = 4;
    public const int MachineBit = 1 << People;
    public const int PeopleBits = MachineBit - 1;
    const int TaskBits = 5;

    public CaseTaskState TaskState(int task) => (CaseTaskState)((Tasks >> (task * TaskBits)) & 3);

    /// <summary>The assignee, or -1.</summary>
    public int Assignee(int task) => ((Tasks >> (task * TaskBits + 2)) & 7) - 1;

    /// <summary>State and assignee as one number.</summary>
    public int TaskCode(int task) => (Tasks >> (task * TaskBits)) & 31;

    public ReferenceCase WithCode(int task, int code) =>
        this with
        {
            Tasks = Tasks & ~(31 << (task * TaskBits)) | (code << (task * TaskBits)),
        };

    public ReferenceCase With(int task, CaseTaskState state, int assignee)
    {
        var shift = task * TaskBits;
        return this with
        {
            Tasks = Tasks & ~(31 << shift) | (((int)state | ((assignee + 1) << 2)) << shift),
        };
    }

    public int Delegator => Delegation == 0 ? -1 : (Delegation - 1) / People;

    public int Delegate => Delegation == 0 ? -1 : (Delegation - 1) % People;

    /// <summary>Whose work it is: noted, assigned, and done in the case it is merged with.</summary>
    public int Everybody(int tasks)
    {
        var bits = Workers | (Merged ? Elsewhere : 0);
        for (var task = 0; task < tasks; task++)
            if (
                TaskState(task) != CaseTaskState.Cancelled
                && Assignee(task) is >= 0 and var assignee
            )
                bits |= 1 << assignee;
        return bits;
    }

    /// <summary>A person, and in whose name they may act now.</summary>
    public int Identities(int person) =>
        1 << person | (Delegation != 0 && Delegate == person ? 1 << Delegator : 0);

    public static int Pair(int person, int inWhoseName) => 1 << (person * People + inWhoseName);

    public ulong Pack() =>
        (ulong)Status
        | (Disposed ? 1UL << 2 : 0)
        | ((ulong)Workers << 3)
        | ((ulong)Attested << 8)
        | ((ulong)Tasks << 24)
        | ((ulong)Asker << 39)
        | ((ulong)Delegation << 42)
        | ((ulong)Elsewhere << 47)
        | (Merged ? 1UL << 52 : 0)
        | (Follows ? 1UL << 53 : 0);

    public static ReferenceCase Unpack(ulong packed) =>
        new(
            (CaseState)(packed & 3),
            (packed >> 2 & 1) != 0,
            (int)(packed >> 3 & 31),
            (int)(packed >> 8 & 0xFFFF),
            (int)(packed >> 24 & 0x7FFF),
            (int)(packed >> 39 & 7),
            (int)(packed >> 42 & 31),
            (int)(packed >> 47 & 31),
            (packed >> 52 & 1) != 0,
            (packed >> 53 & 1) != 0
        );
}
