using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sentinel.Workflows;

/// <summary>The same for every attempt of one execution: derived, never drawn.</summary>
static class ExecutionKey
{
    public static Guid Of(Guid instanceId, int execution)
    {
        Span<byte> subject = stackalloc byte[20];
        instanceId.TryWriteBytes(subject, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(subject[16..], execution);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(subject, hash);
        hash[6] = (byte)((hash[6] & 0x0f) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
