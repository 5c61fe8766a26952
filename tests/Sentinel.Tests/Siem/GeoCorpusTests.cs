using System.Net;
using Sentinel.Siem.Enrichment;
using Sentinel.Tests.House;

namespace Sentinel.Tests.Siem;

/// <summary>Databases that others made, good and damaged; skipped where they are missing.</summary>
public sealed class GeoCorpusTests
{
    [Fact]
    public void A_country_and_a_network_are_found_with_the_database_that_says_so()
    {
        var folder = Path.Combine(Corpus(), "test-data");
        var opening = GeoDatabase.Open([
            Path.Combine(folder, "GeoIP2-Country-Test.mmdb"),
            Path.Combine(folder, "GeoLite2-ASN-Test.mmdb"),
        ]);
        using var geo = Assert.IsType<GeoOpening.Opened>(opening).Database;

        var country = Assert.Single(geo.Find(IPAddress.Parse("81.2.69.142")));
        var network = geo.Find(IPAddress.Parse("1.128.0.0")).First(p => p.Asn is not null);

        Assert.Equal("GB", country.Country);
        Assert.StartsWith("GeoIP2-Country built ", country.Provenance);
        Assert.Equal(1221, network.Asn);
    }

    [Fact]
    public void A_damaged_database_is_refused_or_knows_nothing_and_never_throws()
    {
        var files = Directory.GetFiles(
            Path.Combine(Corpus(), "bad-data"),
            "*.mmdb",
            SearchOption.AllDirectories
        );

        Assert.NotEmpty(files);
        Assert.All(
            files,
            file =>
            {
                if (GeoDatabase.Open([file]) is not GeoOpening.Opened { Database: var geo })
                    return;
                using (geo)
                    foreach (var text in (string[])["1.1.1.1", "81.2.69.142", "2001:db8::1", "::1"])
                        Assert.True(geo.Find(IPAddress.Parse(text)).Count() <= 1);
            }
        );
    }

    static string Corpus()
    {
        var corpora =
            Environment.GetEnvironmentVariable("SENTINEL_CORPORA")
            ?? Path.Combine(Repository.Root, "../shared/corpora");
        var folder = Path.Combine(corpora, "mmdb");
        Assert.SkipUnless(Directory.Exists(folder), $"There are no geo databases at {folder}.");
        return folder;
    }
}
