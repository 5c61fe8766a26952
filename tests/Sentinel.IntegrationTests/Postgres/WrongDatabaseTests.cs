using Sentinel.Postgres;
using Sentinel.Postgres.Migration;

namespace Sentinel.IntegrationTests.Postgres;

public sealed class WrongDatabaseTests : IDisposable
{
    readonly DirectoryInfo folder;
    readonly DataDirectory data;

    public WrongDatabaseTests()
    {
        folder = Directory.CreateTempSubdirectory("sentinel-wrong-");
        data = new DataDirectory(folder.FullName);
    }

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("Host=/nowhere;Database=sentinel", "no server has its socket there")]
    [InlineData("Host=localhost;Port=1;Database=sentinel", "Connection refused")]
    [InlineData("Hots=localhost;Pass=word", "is not an Npgsql connection string")]
    [InlineData("postgres://user:word@localhost/sentinel", "is not an Npgsql connection string")]
    [InlineData("Username=somebody;Password=word", "names no host or no database")]
    public async Task What_is_wrong_is_said_in_one_sentence(string connectionString, string said)
    {
        var failure = await Assert.ThrowsAsync<OperationFailedException>(() =>
            Migrator.MigrateAsync(
                connectionString,
                [MigrationSet.Access],
                data,
                cancellation: TestContext.Current.CancellationToken
            )
        );

        Assert.Contains(said, failure.Message);
        Assert.DoesNotContain("word", failure.Message.Replace("Password=…", ""));
    }

    [Fact]
    public void Without_the_secrets_it_says_to_migrate()
    {
        var failure = Assert.Throws<OperationFailedException>(() =>
            SentinelDatabase.Open("Host=localhost;Database=sentinel", data)
        );

        Assert.Contains("run ./sentinel migrate", failure.Message);
    }
}
