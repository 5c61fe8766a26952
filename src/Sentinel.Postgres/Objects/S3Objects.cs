using System.Globalization;
using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Sentinel.Postgres.Objects;

/// <summary>
/// Objects in a bucket. Credentials come from the AWS variables; with a number of days in
/// <c>SENTINEL_OBJECT_LOCK_DAYS</c> each object is locked for so long, against its owner too.
/// </summary>
public sealed class S3Objects : ObjectStore
{
    public const string EndpointVariable = "SENTINEL_S3_ENDPOINT";
    public const string LockVariable = "SENTINEL_OBJECT_LOCK_DAYS";

    const int LockDaysMax = 36_500;

    readonly AmazonS3Client client;
    readonly string bucket;
    readonly string prefix;
    readonly int lockDays;
    readonly TimeProvider clock;

    public S3Objects(
        AmazonS3Client client,
        string bucket,
        string prefix,
        int lockDays,
        TimeProvider clock
    )
    {
        this.client = client;
        this.bucket = bucket;
        this.prefix = prefix.Length == 0 ? "" : prefix.TrimEnd('/') + "/";
        this.lockDays = lockDays;
        this.clock = clock;
    }

    /// <param name="place"><c>s3://bucket/prefix</c>.</param>
    public static S3Objects Open(string place)
    {
        if (!Uri.TryCreate(place, UriKind.Absolute, out var uri) || uri.Scheme != "s3")
            throw new OperationFailedException(
                $"{Variable} is '{place}': say s3://bucket/prefix, or leave it out for the data directory."
            );
        var days = Environment.GetEnvironmentVariable(LockVariable);
        if (
            !int.TryParse(days ?? "0", CultureInfo.InvariantCulture, out var lockDays)
            || lockDays is < 0 or > LockDaysMax
        )
            throw new OperationFailedException(
                $"{LockVariable} is not a number of days: '{days}'."
            );
        return new S3Objects(
            Client(Environment.GetEnvironmentVariable(EndpointVariable)),
            uri.Host,
            uri.AbsolutePath.Trim('/'),
            lockDays,
            TimeProvider.System
        );
    }

    /// <param name="endpoint">Of a server that is not Amazon's, or null.</param>
    public static AmazonS3Client Client(string? endpoint)
    {
        var settings = new AmazonS3Config
        {
            // Servers that are not Amazon's keep the framing of these as if it were content.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (endpoint is { Length: > 0 })
        {
            settings.ServiceURL = endpoint;
            settings.ForcePathStyle = true;
        }
        return new AmazonS3Client(settings);
    }

    public override async Task PutAsync(string name, string file, CancellationToken cancellation)
    {
        var request = new PutObjectRequest
        {
            BucketName = bucket,
            Key = prefix + name,
            FilePath = file,
            UseChunkEncoding = false,
            IfNoneMatch = "*",
        };
        if (lockDays > 0)
        {
            request.ObjectLockMode = ObjectLockMode.Compliance;
            request.ObjectLockRetainUntilDate = clock.GetUtcNow().AddDays(lockDays).UtcDateTime;
        }
        try
        {
            // Not every server knows "only where nothing is": what is there is asked for as well.
            if (!await ExistsAsync(name, cancellation))
                await client.PutObjectAsync(request, cancellation);
        }
        catch (AmazonS3Exception there) when (there.StatusCode == HttpStatusCode.PreconditionFailed)
        {
            // Somebody else brought the same bytes meanwhile.
        }
        catch (Exception failure) when (failure is AmazonServiceException or HttpRequestException)
        {
            throw new OperationFailedException(
                $"{UriOf(name)} cannot be stored: {failure.Message}",
                failure
            );
        }
    }

    public override async Task<Stream?> OpenAsync(string name, CancellationToken cancellation)
    {
        try
        {
            var answer = await client.GetObjectAsync(bucket, prefix + name, cancellation);
            return answer.ResponseStream;
        }
        catch (AmazonS3Exception missing) when (missing.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (Exception failure) when (failure is AmazonServiceException or HttpRequestException)
        {
            throw new OperationFailedException(
                $"{UriOf(name)} cannot be read: {failure.Message}",
                failure
            );
        }
    }

    public override string UriOf(string name) => $"s3://{bucket}/{prefix}{name}";

    async Task<bool> ExistsAsync(string name, CancellationToken cancellation)
    {
        try
        {
            await client.GetObjectMetadataAsync(bucket, prefix + name, cancellation);
            return true;
        }
        catch (AmazonS3Exception missing) when (missing.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }
    }
}
