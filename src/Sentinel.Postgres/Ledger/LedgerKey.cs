using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace Sentinel.Postgres.Ledger;

/// <summary>
/// The Ed25519 key that signs heads and seals. It is kept in <c>secrets/signer.key</c>, outside the
/// database, so that whoever owns the database still cannot sign a history of their own.
/// </summary>
public sealed class LedgerKey : IDisposable
{
    const string SecretName = "signer.key";

    readonly Key key;

    LedgerKey(Key key)
    {
        this.key = key;
        var fingerprint = SHA256.HashData(key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
        Origin = $"sentinel-{Convert.ToHexStringLower(fingerprint)[..16]}";
    }

    /// <summary>The first part of every name that this key signs under.</summary>
    public string Origin { get; }

    /// <summary>Opens the key of this data directory, made on first use.</summary>
    public static LedgerKey Open(DataDirectory data)
    {
        var seed = data.ReadOrMakeSecret(
            SecretName,
            () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))
        );
        var bytes = new byte[seed.Length];
        if (!Convert.TryFromBase64String(seed, bytes, out var length) || length != 32)
            throw new OperationFailedException(
                $"{data.SecretFile(SecretName)} is not a signing key: put back the file that signed "
                    + "the heads."
            );
        var algorithm = SignatureAlgorithm.Ed25519;
        return new LedgerKey(
            Key.Import(algorithm, bytes.AsSpan(0, length), KeyBlobFormat.RawPrivateKey)
        );
    }

    /// <summary>The name of a log, or of a kind of seal: <c>sentinel-…/psa</c>.</summary>
    public string NameOf(string what) => $"{Origin}/{what}";

    public VerifierKey VerifierKeyFor(string what) => VerifierKey.For(NameOf(what), key.PublicKey);

    /// <summary>Signs a text that ends in a newline, under the name of a log or kind of seal.</summary>
    public SignedNote Sign(string what, string text)
    {
        if (!text.EndsWith('\n'))
            throw new ArgumentException("the text of a note ends in a newline", nameof(text));
        var signature = Sign(Encoding.UTF8.GetBytes(text));
        var verifier = VerifierKeyFor(what);
        return new SignedNote(text, [new NoteSignature(verifier.Name, verifier.KeyId, signature)]);
    }

    internal byte[] Sign(ReadOnlySpan<byte> bytes) => SignatureAlgorithm.Ed25519.Sign(key, bytes);

    public void Dispose() => key.Dispose();
}
