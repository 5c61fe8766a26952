namespace Sentinel.Postgres.Objects;

/// <summary>Objects as files, moved to their name once they are on disk.</summary>
public sealed class FolderObjects(string folder) : ObjectStore
{
    public override Task PutAsync(string name, string file, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, name);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (!File.Exists(path))
                File.Move(file, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Somebody else brought the same bytes meanwhile.
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new OperationFailedException(
                $"{name} cannot be stored in {folder}: {failure.Message.TrimEnd('.')}; "
                    + "free space and try again, nothing was half-written.",
                failure
            );
        }
        return Task.CompletedTask;
    }

    public override Task<Stream?> OpenAsync(string name, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, name);
        return Task.FromResult<Stream?>(File.Exists(path) ? File.OpenRead(path) : null);
    }

    public override string UriOf(string name) => name;
}
