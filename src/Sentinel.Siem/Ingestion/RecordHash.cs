using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sentinel.Siem.Ingestion;

/// <summary>
/// SHA-256 for millions of short records. The platform's own hash finds its algorithm anew for each, which
/// takes ten times as long as hashing a line; where its OpenSSL still has the older functions, they are
/// called directly, and anywhere else nothing changes but the speed.
/// </summary>
static class RecordHash
{
    // Longer content would keep the collector waiting, and there the difference is nothing.
    const int ShortBytesMax = 16 * 1024;

    // SHA256_CTX is 112 bytes.
    const int StateBytes = 128;

    static readonly bool IsDirect = AgreesWithPlatform();

    /// <param name="hash">32 bytes.</param>
    public static void Of(ReadOnlySpan<byte> content, Span<byte> hash)
    {
        if (!IsDirect || content.Length > ShortBytesMax || hash.Length < Digest.BytesLength)
            SHA256.HashData(content, hash);
        else
            Direct(content, hash);
    }

    static void Direct(ReadOnlySpan<byte> content, Span<byte> hash)
    {
        Span<byte> state = stackalloc byte[StateBytes];
        ref var begin = ref MemoryMarshal.GetReference(state);
        _ = SHA256_Init(ref begin);
        _ = SHA256_Update(ref begin, in MemoryMarshal.GetReference(content), (nuint)content.Length);
        _ = SHA256_Final(ref MemoryMarshal.GetReference(hash), ref begin);
    }

    static bool AgreesWithPlatform()
    {
        var content =
            "The records of an input, one after the other, more than a block of 64 bytes."u8;
        Span<byte> direct = stackalloc byte[Digest.BytesLength];
        try
        {
            Direct(content, direct);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
        return direct.SequenceEqual(SHA256.HashData(content));
    }

    const string OpenSsl = "libcrypto.so.3";

    [DllImport(OpenSsl), SuppressGCTransition]
    static extern int SHA256_Init(ref byte state);

    [DllImport(OpenSsl), SuppressGCTransition]
    static extern int SHA256_Update(ref byte state, in byte content, nuint length);

    [DllImport(OpenSsl), SuppressGCTransition]
    static extern int SHA256_Final(ref byte hash, ref byte state);
}
