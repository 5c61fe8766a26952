namespace Sentinel.Siem.Enrichment;

/// <summary>Countries and networks of addresses, from an mmdb file.</summary>
public sealed class GeoDatabase { }
