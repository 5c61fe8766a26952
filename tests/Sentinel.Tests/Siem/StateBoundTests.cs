using FsCheck.Xunit;
using Sentinel.Siem.Correlation;

namespace Sentinel.Tests.Siem;

public sealed class StateBoundTests
{
    static readonly CorrelatorLimits limits = new() { KeysMax = 5, EventsPerKeyMax = 4 };

    [Property(MaxTest = 30)]
    public void No_rule_remembers_more_than_its_bound(byte[] users)
    {
        var policy = Some.Policy(Streams.Source + Streams.Rules);
        var lines = users.Select(
            (user, i) =>
                $"{Some.Noon.AddSeconds(i):yyyy-MM-ddTHH:mm:ssZ} {"abc"[user % 3]} u{user} {user}"
        );
        var events = Some.Events(policy, [.. lines]);

        foreach (var rule in policy.Rules)
        {
            var correlator = new Correlator(policy.Fields, [rule], Guid.Empty, limits);
            correlator.Correlate(events);

            var bound = StateBound.Of(rule, policy.Fields, limits);

            // A rule without state still writes its name and the names of its values.
            Assert.InRange(correlator.Save().Length, 0, bound.Bytes + 1_000);
        }
    }
}
