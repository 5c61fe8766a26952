namespace Sentinel.IntegrationTests.Walk;

/// <summary>A geo database that lies in the data directory places the addresses of stored events.</summary>
public class GeoTests
{
    // An address that MaxMind's own test database knows.
    const string Line =
        "Nov  3 07:11:00 gateway sshd[4243]: "
        + "Failed password for root from 81.2.69.142 port 40100 ssh2";

    [Fact]
    public async Task Stored_events_know_the_country_and_say_from_where()
    {
        var database = Path.Combine(
            Environment.GetEnvironmentVariable("SENTINEL_CORPORA") ?? "",
            "mmdb/test-data/GeoIP2-City-Test.mmdb"
        );
        Assert.SkipUnless(File.Exists(database), "SENTINEL_CORPORA has no mmdb/test-data.");
        await using var founded = await FoundedDatabase.CreateAsync();
        File.Copy(database, Path.Combine(founded.Database.Data.GeoDatabases, "city.mmdb"));
        var log = Path.Combine(founded.Database.Data.Path, "auth.log");
        await File.WriteAllTextAsync(log, Line + "\n", TestContext.Current.CancellationToken);

        var ran = await founded.RunAsync(null, "ingest", log);

        Assert.True(ran.ExitCode == 0, ran.Error);
        var place = await founded.Database.AskAsSuperuserAsync<string>(
            "SELECT enrichment_data::text FROM siem.event_enrichment "
                + "WHERE enrichment_type = 'geo'"
        );
        Assert.Contains("GB", place);
        Assert.Contains("City", place);
    }

    [Fact]
    public async Task A_damaged_one_is_named_and_nothing_is_taken_in()
    {
        await using var founded = await FoundedDatabase.CreateAsync();
        var log = CalmRun.WriteLog(founded);
        var damaged = Path.Combine(founded.Database.Data.GeoDatabases, "city.mmdb");
        await File.WriteAllTextAsync(damaged, "no mmdb", TestContext.Current.CancellationToken);

        var ran = await founded.RunAsync(null, "ingest", log);

        ran.IsOneSentence(1, damaged);
    }
}
