using Sentinel.Policies;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Tests.Siem;

public sealed class EnricherTests
{
    static readonly Policy policy = Some.Policy(
        """
        source some.daemon
          accepts syslog where program == "daemon"
          line "refused {user} from {source_ip}"
            is auth.login_failed severity 4
        """
    );

    static readonly KnownThings known = new(
        [new(Guid.AllBitsSet, "Web One", ["WEB-1", "192.0.2.10"], 8, "assets, version 3")],
        [new(Guid.AllBitsSet, "amy", "administrator", "identities, version 1")]
    );

    [Fact]
    public void An_event_learns_what_is_known_about_its_host_and_account_and_from_where()
    {
        var enriched = Enrich(known, live: false);

        Assert.Equal(Guid.AllBitsSet, enriched.AssetId);
        Assert.Equal(Guid.AllBitsSet, enriched.IdentityId);
        Assert.Equal("Web One", Value(enriched, "asset"));
        Assert.Equal(8L, Value(enriched, "asset_criticality"));
        Assert.Equal("administrator", Value(enriched, "identity_role"));
        Assert.Equal(
            ["asset", "identity", "network"],
            enriched.Enrichments.Select(e => e.EnrichmentType)
        );
        Assert.All(enriched.Enrichments, e => Assert.Contains("\"provenance\":", e.Data));
    }

    [Fact]
    public void Stored_rows_give_the_same_event_without_a_lookup()
    {
        var enriched = Enrich(known, live: true);

        var restored = new Enricher(policy.Fields, KnownThings.None).Restore(
            enriched.Event,
            enriched.Enrichments
        );

        Assert.Equal(enriched.AssetId, restored.AssetId);
        Assert.Equal(enriched.IdentityId, restored.IdentityId);
        Assert.All(
            policy.Fields.All,
            field => Assert.Equal(enriched[field.Ordinal], restored[field.Ordinal])
        );
    }

    [Fact]
    public void A_host_that_nobody_registered_is_still_the_asset()
    {
        var enriched = Enrich(KnownThings.None, live: false);

        Assert.Equal("web-1", Value(enriched, "asset"));
        Assert.Null(enriched.AssetId);
    }

    [Fact]
    public void A_clock_drifts_on_live_input_alone()
    {
        // An hour before it was received.
        Assert.Equal(true, Value(Enrich(known, live: true), "clock_drift"));
        Assert.Null(Value(Enrich(known, live: false), "clock_drift"));
    }

    [Theory]
    [InlineData("10.1.2.3", "private")]
    [InlineData("127.0.0.1", "loopback")]
    [InlineData("198.51.100.1", "documentation")]
    [InlineData("2001:db8::1", "documentation")]
    [InlineData("fe80::1", "link_local")]
    [InlineData("8.8.8.8", "global")]
    public void An_address_belongs_to_its_range(string text, string kind)
    {
        Assert.True(Addresses.TryParse(text, out var address));

        Assert.Equal(kind, SpecialAddresses.KindOf(address));
    }

    [Fact]
    public void A_geo_database_that_is_missing_or_damaged_gives_one_sentence()
    {
        var missing = GeoDatabase.Open(["no-such-file.mmdb"]);
        var damaged = GeoDatabase.Open([typeof(EnricherTests).Assembly.Location]);

        Assert.Contains("cannot be read", Assert.IsType<GeoOpening.Unusable>(missing).Reason);
        Assert.Contains("is damaged", Assert.IsType<GeoOpening.Unusable>(damaged).Reason);
    }

    static EnrichedEvent Enrich(KnownThings things, bool live)
    {
        var raw = Some.Raw(
            ["Nov 23 11:00:00 web-1 daemon: refused amy from 192.0.2.7"],
            live: live
        );
        var readings = new Normaliser(policy.Fields, policy.Sources).Normalise(raw);
        return Assert.Single(new Enricher(policy.Fields, things).Enrich(readings));
    }

    static object? Value(EnrichedEvent enriched, string field) =>
        enriched[policy.Fields.Find(field)!.Ordinal];
}
