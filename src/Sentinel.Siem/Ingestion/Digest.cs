using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sentinel.Siem.Ingestion;

/// <summary>A SHA-256, held by value: two for each event would be dear as arrays.</summary>
[InlineArray(BytesLength)]
public struct Digest : IEquatable<Digest>, IComparable<Digest>
{
    public const int BytesLength = 32;

    byte first;

    /// <summary>32 zero bytes: the position before the first record of an input.</summary>
    public static Digest Zero => default;

    public static Digest From(ReadOnlySpan<byte> bytes)
    {
        var digest = default(Digest);
        bytes[..BytesLength].CopyTo(digest.Writable);
        return digest;
    }

    public static Digest Of(ReadOnlySpan<byte> content)
    {
        var digest = default(Digest);
        RecordHash.Of(content, digest.Writable);
        return digest;
    }

    /// <summary>The next position of a file: equal lines differ, and a growing file keeps its positions.</summary>
    public static Digest Chain(in Digest previous, in Digest payloadHash)
    {
        Span<byte> both = stackalloc byte[BytesLength * 2];
        previous.Bytes.CopyTo(both);
        payloadHash.Bytes.CopyTo(both[BytesLength..]);
        return Of(both);
    }

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes =>
        MemoryMarshal.CreateReadOnlySpan(
            in Unsafe.As<Digest, byte>(ref Unsafe.AsRef(in this)),
            BytesLength
        );

    [UnscopedRef]
    Span<byte> Writable =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<Digest, byte>(ref this), BytesLength);

    public readonly byte[] ToArray() => Bytes.ToArray();

    /// <summary>64 hexadecimal digits, lower case.</summary>
    public override readonly string ToString() => Convert.ToHexStringLower(Bytes);

    public readonly bool Equals(Digest other) => Bytes.SequenceEqual(other.Bytes);

    public override readonly bool Equals(object? obj) => obj is Digest other && Equals(other);

    public override readonly int GetHashCode() => MemoryMarshal.Read<int>(Bytes);

    public readonly int CompareTo(Digest other) => Bytes.SequenceCompareTo(other.Bytes);

    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);
}
