using System.Security.Cryptography;
using FsCheck.Xunit;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Tests.Siem;

public sealed class RecordHashTests
{
    [Property]
    public bool It_is_the_SHA_256_of_any_bytes(byte[] content) => IsSha256(content);

    [Theory]
    [InlineData(0)]
    [InlineData(55)]
    [InlineData(56)]
    [InlineData(64)]
    [InlineData(16 * 1024)]
    [InlineData(16 * 1024 + 1)]
    public void It_is_the_SHA_256_of_every_length(int length) =>
        Assert.True(IsSha256(new byte[length]));

    static bool IsSha256(byte[] content) =>
        Digest.Of(content).Bytes.SequenceEqual(SHA256.HashData(content));
}
