namespace Sentinel.Postgres.Objects;

/// <summary>
/// Where bytes lie that never change, each under a name of its own: a folder, or a bucket that speaks
/// S3. What is there is never replaced, and nothing here deletes.
/// </summary>
public abstract class ObjectStore
{
    public const string Variable = "SENTINEL_OBJECTS";

    /// <summary>The bucket that <c>SENTINEL_OBJECTS</c> names, else the data directory.</summary>
    /// <exception cref="OperationFailedException">It names something else.</exception>
    public static ObjectStore FromEnvironment(DataDirectory data) =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } place
            ? S3Objects.Open(place)
            : new FolderObjects(data.Path);

    /// <param name="name">Such as <c>evidence/&lt;hash&gt;</c>.</param>
    /// <param name="file">A finished file; it may be moved into the store.</param>
    /// <param name="cancellation">Stops sending.</param>
    /// <exception cref="OperationFailedException">The place refuses; nothing was half-written.</exception>
    public abstract Task PutAsync(string name, string file, CancellationToken cancellation);

    /// <summary>What lies under the name, or null where nothing does.</summary>
    public abstract Task<Stream?> OpenAsync(string name, CancellationToken cancellation);

    /// <summary>Where an object lies, as rows keep it.</summary>
    public abstract string UriOf(string name);
}
