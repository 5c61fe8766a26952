using System.Globalization;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Tests.Siem;

/// <summary>What rules hold in memory.</summary>
public sealed class CorrelatorStateTests(ITestOutputHelper output)
{
    const string Text = """
        source some.log
          accepts text
          line "{user:word} failed from {source_ip:ip}"
            is auth.login_failed severity 4

        rule counting
          severity 5
          let failed = event auth.login_failed
          aggregate failed by source_ip within 1d having count(failed) >= 10
          confidence 60
          raises many "{source_ip}"
        """;

    // By hand, since it takes 100 megabytes, and what other tests hold would be counted too.
    [Fact(Explicit = true)]
    public void A_key_of_a_count_rule_with_three_events_takes_at_most_130_bytes()
    {
        const int keys = 1_000_000;
        var policy = Some.Policy(Text);
        var correlator = new Correlator(policy.Fields, [policy.Rules[0]], Guid.Empty);
        var slots = new RuleMatcher(policy.Rules[0], 0, policy.Fields).SlotsCount;
        var positions = new ByIndex();
        var origin = new HeldOrigin(Guid.Empty, Guid.Empty, 0);
        var hits = new List<CorrelationHit>();
        var before = GC.GetTotalMemory(true);

        for (var i = 0; i < 3 * keys; i++)
        {
            var order = new EventOrder(Some.Noon.AddMilliseconds(i), "some.log", i, positions);
            var held = new HeldEvent(
                new(order, origin, order.Time, i + 1, 1, null, false),
                new(new object?[slots])
            );
            correlator.Accept(new RuleMatch(0, 0, RuleKey.Of([Address(i % keys)]), held), hits);
        }

        var bytes = (GC.GetTotalMemory(true) - before) / (double)keys;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes:0} bytes a key"));
        Assert.Empty(hits);
        Assert.Equal(0, correlator.Dropped);
        Assert.InRange(bytes, 1, 130);
        GC.KeepAlive(correlator);
    }

    static string Address(int i) =>
        string.Create(CultureInfo.InvariantCulture, $"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}");

    sealed class ByIndex : RecordPositions
    {
        public override Digest Of(long index) => Digest.Of(BitConverter.GetBytes(index));
    }
}
