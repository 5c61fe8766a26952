using System.Globalization;
using System.Net;
using MaxMind.Db;

namespace Sentinel.Siem.Enrichment;

/// <summary>What opening geo databases gave.</summary>
public abstract record GeoOpening
{
    public sealed record Opened(GeoDatabase Database) : GeoOpening;

    /// <param name="Reason">One sentence: which file, and what to do.</param>
    public sealed record Unusable(string Reason) : GeoOpening;
}

/// <param name="Country">ISO 3166 code, or null.</param>
/// <param name="Provenance">Type and build of the database.</param>
public sealed record GeoPlace(
    string? Country,
    long? Asn,
    string? AsnOrganisation,
    string Provenance
);

/// <summary>Countries and networks of addresses, from mmdb files held in memory.</summary>
public sealed class GeoDatabase : IDisposable
{
    readonly List<(Reader Reader, string Provenance)> databases = [];

    GeoDatabase() { }

    public bool IsEmpty => databases.Count == 0;

    /// <summary>Several files complete each other: one of countries, one of networks.</summary>
    public static GeoOpening Open(IReadOnlyList<string> paths)
    {
        var opened = new GeoDatabase();
        foreach (var path in paths)
        {
            if (opened.Add(path) is not { } reason)
                continue;
            opened.Dispose();
            return new GeoOpening.Unusable(reason);
        }
        return new GeoOpening.Opened(opened);
    }

    /// <summary>Null where no database knows the address.</summary>
    public IEnumerable<GeoPlace> Find(IPAddress address)
    {
        foreach (var (reader, provenance) in databases)
            if (Find(reader, address) is { } found && Place(found, provenance) is { } place)
                yield return place;
    }

    public void Dispose()
    {
        foreach (var (reader, _) in databases)
            reader.Dispose();
    }

    string? Add(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var reader = new Reader(file);
            var build = reader.Metadata.BuildDate.ToString(
                "yyyy-MM-dd",
                CultureInfo.InvariantCulture
            );
            databases.Add((reader, $"{reader.Metadata.DatabaseType} built {build}"));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The geo database {path} cannot be read: name another file, or none.";
        }
        // The library says in many ways that a file is damaged.
        catch (Exception e) when (IsDamage(e))
        {
            return $"The geo database {path} is damaged: fetch it again, or name none.";
        }
    }

    static Dictionary<string, object>? Find(Reader reader, IPAddress address)
    {
        try
        {
            return reader.Find<Dictionary<string, object>>(address);
        }
        // A file can open well and be damaged further in: such an address is unknown.
        catch (Exception e) when (IsDamage(e))
        {
            return null;
        }
    }

    static bool IsDamage(Exception e) =>
        e
            is InvalidDatabaseException
                or DeserializationException
                or ArgumentException
                or InvalidOperationException
                or IndexOutOfRangeException
                or OverflowException
                or NotSupportedException
                or InvalidCastException;

    static GeoPlace? Place(Dictionary<string, object> found, string provenance)
    {
        var country =
            Text(found, "country_code")
            ?? Text(Inner(found, "country"), "iso_code")
            ?? Text(Inner(found, "registered_country"), "iso_code");
        var asn = Number(found, "autonomous_system_number");
        var organisation = Text(found, "autonomous_system_organization");
        return country is null && asn is null
            ? null
            : new GeoPlace(country, asn, organisation, provenance);
    }

    static Dictionary<string, object>? Inner(Dictionary<string, object> found, string name) =>
        found.GetValueOrDefault(name) as Dictionary<string, object>;

    static string? Text(Dictionary<string, object>? found, string name) =>
        found?.GetValueOrDefault(name) as string;

    static long? Number(Dictionary<string, object> found, string name) =>
        found.GetValueOrDefault(name) is { } value and (int or uint or long or ushort or ulong)
            ? Convert.ToInt64(value, CultureInfo.InvariantCulture)
            : null;
}
