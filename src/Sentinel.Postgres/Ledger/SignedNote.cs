using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace Sentinel.Postgres.Ledger;

/// <summary>
/// A text with signature lines under it, as C2SP's signed-note describes: what the checkpoints and the
/// seals of cases are, so that tools that are not ours can verify them.
/// </summary>
public sealed record SignedNote(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    const int CharsMax = 64 * 1024;
    const int SignaturesMax = 64;
    const string LineStart = "— ";

    /// <summary>The note, or null where the text is not one.</summary>
    public static SignedNote? Parse(string note)
    {
        var split = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (note.Length > CharsMax || split < 0 || !note.EndsWith('\n') || note.Any(IsControl))
            return null;
        List<NoteSignature> signatures = [];
        foreach (var line in note[(split + 2)..^1].Split('\n'))
        {
            var parts = line.Split(' ');
            var bytes = new byte[line.Length];
            if (
                !line.StartsWith(LineStart, StringComparison.Ordinal)
                || parts is not [_, { Length: > 0 } name, var base64]
                || !Convert.TryFromBase64String(base64, bytes, out var length)
                || length < 5
                || signatures.Count == SignaturesMax
            )
                return null;
            signatures.Add(
                new NoteSignature(
                    name,
                    BinaryPrimitives.ReadUInt32BigEndian(bytes),
                    bytes[4..length]
                )
            );
        }
        return new SignedNote(note[..(split + 1)], signatures);
    }

    /// <summary>The note as it is written to files and rows.</summary>
    public override string ToString()
    {
        var note = new StringBuilder(Text).Append('\n');
        foreach (var (name, keyId, signature) in Signatures)
        {
            byte[] bytes = [.. KeyIdBytes(keyId), .. signature];
            note.Append(LineStart).Append(name).Append(' ');
            note.Append(Convert.ToBase64String(bytes)).Append('\n');
        }
        return note.ToString();
    }

    static bool IsControl(char character) => character < ' ' && character != '\n';

    static byte[] KeyIdBytes(uint keyId)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, keyId);
        return bytes;
    }
}

public sealed record NoteSignature(string Name, uint KeyId, byte[] Signature);

/// <summary>
/// The public half of a log's key under its name, written <c>name+keyid+base64</c>: all that a verifier
/// needs besides the note.
/// </summary>
public sealed record VerifierKey(string Name, uint KeyId, PublicKey Key)
{
    const byte Ed25519 = 1;

    public static VerifierKey For(string name, PublicKey key)
    {
        byte[] subject = [.. Encoding.UTF8.GetBytes(name), (byte)'\n', .. Encoded(key)];
        return new VerifierKey(
            name,
            BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(subject)),
            key
        );
    }

    /// <summary>The key, or null where the text is not one that we can use.</summary>
    public static VerifierKey? Parse(string vkey)
    {
        var parts = vkey.Trim().Split('+', 3);
        var bytes = new byte[vkey.Length];
        if (
            parts.Length != 3
            || !Convert.TryFromBase64String(parts[2], bytes, out var length)
            || length != 33
            || bytes[0] != Ed25519
            || !PublicKey.TryImport(
                SignatureAlgorithm.Ed25519,
                bytes.AsSpan(1, 32),
                KeyBlobFormat.RawPublicKey,
                out var key
            )
        )
            return null;
        var parsed = For(parts[0], key!);
        return parsed.ToString() == vkey.Trim() ? parsed : null;
    }

    /// <summary>Whether this key signed the note; a wrong signature in its name spoils the note.</summary>
    public bool Signed(SignedNote note)
    {
        var mine = note.Signatures.Where(line => line.Name == Name && line.KeyId == KeyId).ToList();
        var text = Encoding.UTF8.GetBytes(note.Text);
        return mine.Count > 0 && mine.All(line => Signed(text, line.Signature));
    }

    internal bool Signed(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature) =>
        SignatureAlgorithm.Ed25519.Verify(Key, bytes, signature);

    public override string ToString() =>
        $"{Name}+{KeyId:x8}+{Convert.ToBase64String(Encoded(Key))}";

    static byte[] Encoded(PublicKey key) => [Ed25519, .. key.Export(KeyBlobFormat.RawPublicKey)];
}
