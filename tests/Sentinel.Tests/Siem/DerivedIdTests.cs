using Sentinel.Siem.Ingestion;

namespace Sentinel.Tests.Siem;

public sealed class DerivedIdTests
{
    static readonly Guid organisation = new("00000000-0000-4000-8000-000000000001");

    [Fact]
    public void An_id_is_a_uuid_of_version_8_that_begins_with_its_time()
    {
        var id = DerivedId.From(Some.Noon, "something"u8).ToString();

        Assert.Equal('8', id[14]);
        Assert.Contains(id[19], "89ab");
        var milliseconds = Convert.ToInt64(id[..8] + id[9..13], 16);
        Assert.Equal(Some.Noon.ToUnixTimeMilliseconds(), milliseconds);
    }

    [Fact]
    public void Times_outside_48_bits_are_clamped()
    {
        var before = DerivedId.From(DateTimeOffset.UnixEpoch.AddYears(-10), "x"u8);

        Assert.StartsWith("00000000-0000-8", before.ToString());
    }

    [Fact]
    public void A_raw_event_has_another_id_for_each_thing_that_makes_it_another()
    {
        var (one, two) = (Digest.Of("one"u8), Digest.Of("two"u8));
        Guid[] ids =
        [
            DerivedId.OfRawEvent(Some.Noon, organisation, Guid.Empty, one, 0),
            DerivedId.OfRawEvent(Some.Noon, Guid.Empty, Guid.Empty, one, 0),
            DerivedId.OfRawEvent(Some.Noon, organisation, organisation, one, 0),
            DerivedId.OfRawEvent(Some.Noon, organisation, Guid.Empty, two, 0),
            DerivedId.OfRawEvent(Some.Noon, organisation, Guid.Empty, one, 1),
        ];

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(ids[0], DerivedId.OfRawEvent(Some.Noon, organisation, Guid.Empty, one, 0));
    }

    [Theory]
    [InlineData(-400, true)]
    [InlineData(-401, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void The_key_time_is_the_events_own_only_near_its_receipt(int days, bool own)
    {
        var time = Some.Noon.AddDays(days);

        Assert.Equal(own ? time : Some.Noon, KeyTime.Of(time, Some.Noon));
    }
}
