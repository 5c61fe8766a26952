namespace Sentinel.Server.Database;

/// <summary>The definitions of the folder <c>workflows</c>, as they were when the program was built.</summary>
static class ShippedWorkflows
{
    const string Prefix = "workflows/";

    /// <summary>Elsa 3 JSON by file name.</summary>
    public static IReadOnlyDictionary<string, string> Definitions { get; } =
        typeof(ShippedWorkflows)
            .Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToDictionary(name => name[Prefix.Length..], Read);

    static string Read(string name)
    {
        using var stream = typeof(ShippedWorkflows).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
