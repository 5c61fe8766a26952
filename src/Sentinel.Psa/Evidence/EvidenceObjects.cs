using System.Security.Cryptography;
using Sentinel.Postgres;
using Sentinel.Postgres.Objects;

namespace Sentinel.Psa.Evidence;

/// <summary>Bytes in the content-addressed store; their name is their hash.</summary>
public sealed record StoredObject(string Hash, string Uri, long SizeBytes);

/// <summary>Bytes as they lay there a moment ago, with their hash. Dispose the content.</summary>
public sealed record SeenObject(string Hash, Stream Content);

/// <summary>
/// The objects that evidence items point to, named by their SHA-256: hashed on the way in and on every
/// read. Nothing ever replaces or deletes one.
/// </summary>
public sealed class EvidenceObjects(DataDirectory data, ObjectStore objects)
{
    const int BufferBytes = 128 * 1024;
    const long ObjectBytesMax = 4L * 1024 * 1024 * 1024;

    /// <summary>Stores what the stream gives; equal bytes are stored once.</summary>
    /// <exception cref="OperationFailedException">The disk is full, or the object is too large.</exception>
    public async Task<StoredObject> StoreAsync(Stream content, CancellationToken cancellation)
    {
        var beside = Path.Combine(data.Evidence, $".incoming-{Guid.CreateVersion7():N}");
        try
        {
            string hash;
            long size;
            await using (var file = Created(beside, FileOptions.Asynchronous))
            {
                (hash, size) = await CopyAsync(content, file, cancellation);
                file.Flush(flushToDisk: true);
            }
            await objects.PutAsync(NameOf(hash), beside, cancellation);
            return new StoredObject(hash, objects.UriOf(NameOf(hash)), size);
        }
        catch (IOException failure)
        {
            throw new OperationFailedException(
                $"Evidence cannot be stored in {data.Evidence}: {failure.Message.TrimEnd('.')}; "
                    + "free space and try again, nothing was half-written.",
                failure
            );
        }
        finally
        {
            File.Delete(beside);
        }
    }

    /// <summary>The hash of what lies under that name now, or null where nothing does.</summary>
    public async Task<string?> HashSeenAsync(string hash, CancellationToken cancellation)
    {
        await using var content = await objects.OpenAsync(NameOf(hash), cancellation);
        return content is null
            ? null
            : Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellation));
    }

    /// <summary>
    /// What lies under that name now, in a copy: the bytes that are read are those that were hashed,
    /// whatever happens to the object meanwhile. Null where nothing does.
    /// </summary>
    public async Task<SeenObject?> ReadAsync(string hash, CancellationToken cancellation)
    {
        await using var content = await objects.OpenAsync(NameOf(hash), cancellation);
        if (content is null)
            return null;
        var path = Path.Combine(data.Evidence, $".outgoing-{Guid.CreateVersion7():N}");
        var copy = Created(path, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
        try
        {
            var (seen, _) = await CopyAsync(content, copy, cancellation);
            copy.Position = 0;
            return new SeenObject(seen, copy);
        }
        catch
        {
            await copy.DisposeAsync();
            throw;
        }
    }

    static string NameOf(string hash) =>
        hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower)
            ? "evidence/" + hash
            : throw new ArgumentException("not the hash of an object", nameof(hash));

    static FileStream Created(string path, FileOptions options) =>
        new(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Options = options,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }
        );

    static async Task<(string Hash, long SizeBytes)> CopyAsync(
        Stream from,
        Stream to,
        CancellationToken cancellation
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        long size = 0;
        int read;
        while ((read = await from.ReadAsync(buffer, cancellation)) > 0)
        {
            size += read;
            if (size > ObjectBytesMax)
                throw new OperationFailedException(
                    $"An evidence object has at most {ObjectBytesMax} bytes: attach it in parts."
                );
            hash.AppendData(buffer, 0, read);
            await to.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }
        return (Convert.ToHexStringLower(hash.GetHashAndReset()), size);
    }
}
