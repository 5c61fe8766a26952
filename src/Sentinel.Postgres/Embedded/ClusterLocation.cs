using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sentinel.Postgres.Embedded;

/// <summary>
/// Where the files of a data directory's cluster are. Recorded in <c>postgres/location.json</c>, with
/// an identity that the cluster carries too, so that no two data directories share a cluster.
/// </summary>
sealed record ClusterLocation(string Identity, string DataPath, string Folder, string User)
{
    // sockaddr_un holds 108 bytes, the last of them a zero.
    const int SocketPathBytesMax = 107;
    const string SocketName = "/.s.PGSQL.5432.lock";
    const UnixFileMode Traversable =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherExecute;

    public string Cluster => Path.Combine(Folder, "cluster");

    public string Log => Path.Combine(Folder, "server.log");

    /// <summary>In the cluster's folder, or under /tmp where that path is too long for a socket.</summary>
    public string SocketFolder =>
        Encoding.UTF8.GetByteCount(Path.Combine(Folder, "socket") + SocketName)
        <= SocketPathBytesMax
            ? Path.Combine(Folder, "socket")
            : $"/tmp/sentinel-{Identity}";

    /// <summary>The recorded place, or a new one that is yet to be recorded.</summary>
    public static (ClusterLocation Location, bool IsNew) Resolve(DataDirectory data)
    {
        if (ReadFile(data.Postgres) is not { } recorded)
            return (Choose(data), true);
        if (recorded.DataPath == data.Path)
            return (recorded, false);
        var origin = ReadFile(Path.Combine(recorded.DataPath, "postgres"));
        if (origin?.Identity == recorded.Identity)
            throw new OperationFailedException(
                $"{data.Path} is a copy of {recorded.DataPath}, and two Sentinels never share a "
                    + $"database: delete {data.Postgres} to give the copy an empty one."
            );
        var moved = recorded with
        {
            DataPath = data.Path,
            Folder = recorded.IsInside ? Inside(data) : recorded.Folder,
        };
        moved.Write(data);
        return (moved, false);
    }

    public bool IsInside => Folder == Path.Combine(DataPath, "postgres", "server");

    public void Write(DataDirectory data) =>
        DataDirectory.WriteAtomically(FileOf(data.Postgres), JsonSerializer.Serialize(this));

    public static void Forget(DataDirectory data) => File.Delete(FileOf(data.Postgres));

    static ClusterLocation Choose(DataDirectory data)
    {
        var user = ServerUser.Choose(recorded: null);
        var identity = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        var location = new ClusterLocation(identity, data.Path, Inside(data), user.Name);
        if (!user.IsSomebodyElse)
            return location;
        if (user.CanEnter(Path.GetDirectoryName(data.Path) ?? "/"))
        {
            // The server's user passes through; every other folder in it stays closed.
            File.SetUnixFileMode(data.Path, Traversable);
            File.SetUnixFileMode(data.Postgres, Traversable);
            return location;
        }
        // By its path: what was deleted with its data directory is found again, and cleared away.
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(data.Path)))[
            ..16
        ];
        return location with { Folder = Outside(name) };
    }

    static string Inside(DataDirectory data) => Path.Combine(data.Postgres, "server");

    // A cluster outside the data directory lies where nothing cleans up after a month, as in /var/tmp.
    static string Outside(string name)
    {
        try
        {
            Directory.CreateDirectory("/var/lib/sentinel", Traversable);
            return $"/var/lib/sentinel/{name}";
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return $"/var/tmp/sentinel-{name}";
        }
    }

    static ClusterLocation? ReadFile(string folder) =>
        File.Exists(FileOf(folder))
            ? JsonSerializer.Deserialize<ClusterLocation>(File.ReadAllText(FileOf(folder)))
            : null;

    static string FileOf(string folder) => Path.Combine(folder, "location.json");
}
