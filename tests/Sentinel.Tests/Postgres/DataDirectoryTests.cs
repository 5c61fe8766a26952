using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Tests.Postgres;

public sealed class DataDirectoryTests : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sentinel-data-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Folders_and_secrets_are_their_owners_alone()
    {
        var data = Data();
        data.WriteSecret("psa", "a password");

        foreach (
            var path in new[] { data.Path, data.Secrets, data.Packages, data.Evidence, data.Heads }
        )
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(path)
            );
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(data.SecretFile("psa"))
        );
        Assert.Equal("a password", data.ReadSecret("psa"));
        Assert.Null(data.ReadSecret("nobody"));
    }

    [Fact]
    public void A_secret_made_twice_at_once_is_one_secret()
    {
        var data = Data();
        var made = 0;

        var secrets = Enumerable
            .Range(0, 16)
            .AsParallel()
            .WithDegreeOfParallelism(8)
            .Select(_ =>
                data.ReadOrMakeSecret("one", () => $"secret {Interlocked.Increment(ref made)}")
            )
            .ToHashSet();

        Assert.Single(secrets);
        Assert.Single(Directory.EnumerateFiles(data.Secrets));
    }

    [Fact]
    public void A_directory_that_cannot_be_is_one_clear_sentence()
    {
        var file = Path.Combine(folder.FullName, "a-file");
        File.WriteAllText(file, "");

        var failure = Assert.Throws<OperationFailedException>(() => new DataDirectory(file));

        Assert.Contains("set SENTINEL_DATA to a directory", failure.Message);
    }

    [Fact]
    public void A_machines_secret_depends_on_organisation_name_and_key()
    {
        var (one, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var secrets = new MachineSecrets(Data());
        var elsewhere = new MachineSecrets(
            new DataDirectory(Path.Combine(folder.FullName, "other"))
        );

        Assert.Equal(secrets.For(one, "siem"), new MachineSecrets(Data()).For(one, "siem"));
        Assert.Equal(
            4,
            new[]
            {
                secrets.For(one, "siem"),
                secrets.For(other, "siem"),
                secrets.For(one, "workflow"),
                elsewhere.For(one, "siem"),
            }
                .Distinct()
                .Count()
        );
        Assert.Equal("(secret)", secrets.For(one, "siem").ToString());
    }

    [Theory]
    [InlineData("a.station", "a.station", 1, true)]
    [InlineData("a.station", "a.station", 2, true)]
    [InlineData("a.station", "another", 1, false)]
    [InlineData("a.station:3", "a.station", 3, true)]
    [InlineData("a.station:3", "a.station", 2, false)]
    [InlineData("a.station:3", "a.station:3", 3, false)]
    public void A_crash_is_due_at_its_station_and_visit(
        string wanted,
        string station,
        int visit,
        bool due
    ) => Assert.Equal(due, CrashPoint.IsDue(wanted, station, visit));

    DataDirectory Data() => new(Path.Combine(folder.FullName, "data"));
}
