using System.Security.Cryptography;
using Sentinel.Postgres;

namespace Sentinel.Psa.Evidence;

/// <summary>Bytes in the content-addressed store; their name is their hash.</summary>
public sealed record StoredObject(string Hash, long SizeBytes)
{
    public string Uri => "evidence/" + Hash;
}

/// <summary>
/// The objects that evidence items point to, in <c>$SENTINEL_DATA/evidence</c>. An object is written
/// beside, hashed on the way in, and moved to its name once it is on disk; nothing ever replaces it.
/// </summary>
public sealed class EvidenceObjects(DataDirectory data)
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
            var stored = await WriteAsync(content, beside, cancellation);
            var path = PathOf(stored.Hash);
            if (!File.Exists(path))
                File.Move(beside, path, overwrite: false);
            return stored;
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
        var path = PathOf(hash);
        if (!File.Exists(path))
            return null;
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
    }

    public Stream Open(string hash) => File.OpenRead(PathOf(hash));

    string PathOf(string hash) =>
        hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower)
            ? Path.Combine(data.Evidence, hash)
            : throw new ArgumentException("not the hash of an object", nameof(hash));

    static async Task<StoredObject> WriteAsync(
        Stream content,
        string path,
        CancellationToken cancellation
    )
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Options = FileOptions.Asynchronous,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = new FileStream(path, options);
        var buffer = new byte[BufferBytes];
        long size = 0;
        int read;
        while ((read = await content.ReadAsync(buffer, cancellation)) > 0)
        {
            size += read;
            if (size > ObjectBytesMax)
                throw new OperationFailedException(
                    $"An evidence object has at most {ObjectBytesMax} bytes: attach it in parts."
                );
            hash.AppendData(buffer, 0, read);
            await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }
        file.Flush(flushToDisk: true);
        return new StoredObject(Convert.ToHexStringLower(hash.GetHashAndReset()), size);
    }
}
