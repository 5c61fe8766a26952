using Sentinel.Postgres;
using Sentinel.Postgres.Objects;

namespace Sentinel.Siem.Retention;

/// <summary>Where a retention sends its days: a folder, or a bucket.</summary>
/// <param name="Root"><c>s3://bucket/prefix</c>, or an absolute path.</param>
sealed record ArchivePlace(string Root, ObjectStore Objects)
{
    const string Folder = "archive";

    /// <param name="named">As the policy says it; null where it names no archive.</param>
    /// <param name="data">Takes what has no other place: nothing is deleted.</param>
    /// <exception cref="OperationFailedException">It names neither a folder nor a bucket.</exception>
    public static ArchivePlace Of(string? named, DataDirectory data)
    {
        if (named is null)
            return new ArchivePlace(data.Path, new FolderObjects(data.Path));
        var root = named.TrimEnd('/');
        if (root.StartsWith("s3://", StringComparison.Ordinal))
            return new ArchivePlace(root, S3Objects.Open(root));
        var path = root.StartsWith("file://", StringComparison.Ordinal)
            ? new Uri(root).LocalPath
            : root;
        return Path.IsPathFullyQualified(path)
            ? new ArchivePlace(path, new FolderObjects(path))
            : throw new OperationFailedException(
                $"The retention's archive '{named}' is neither an absolute path nor s3://bucket/prefix."
            );
    }

    public string UriOf(string name) => $"{Root}/{name}";

    public static string NameOf(Guid organisationId, DateOnly day, string file) =>
        $"{Folder}/{organisationId}/{day:yyyy-MM-dd}/{file}";

    /// <summary>The place and the name of something that was archived.</summary>
    public static (ArchivePlace Place, string Name) Find(string uri, DataDirectory data)
    {
        var split = uri.LastIndexOf($"/{Folder}/", StringComparison.Ordinal);
        return (Of(uri[..split], data), uri[(split + 1)..]);
    }
}
