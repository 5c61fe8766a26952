using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Text;

namespace Sentinel.Postgres.Ledger;

/// <summary>
/// Asks an RFC 3161 authority for the time at which the latest heads were there. The token is kept in
/// the database and beside the head; <c>openssl ts -verify -token_in</c> accepts it.
/// </summary>
public sealed class StampHeads(
    SentinelDatabase database,
    DataDirectory data,
    HeadPlaces places,
    HttpClient http,
    TimeProvider clock
)
{
    const int AnswerBytesMax = 64 * 1024;

    /// <summary>Heads that were stamped now; none without an authority or without a new head.</summary>
    /// <exception cref="OperationFailedException">The authority did not answer as it should.</exception>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        if (places.Authority is not { } authority)
            return 0;
        var stamped = 0;
        foreach (var schema in await LedgerStore.SchemasAsync(database.Signer, cancellation))
        {
            var store = new LedgerStore(schema);
            await using var connection = await database.Signer.OpenConnectionAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await store.LockAsync(connection, cancellation);
            if (
                await store.LastAsync(connection, cancellation) is not { } last
                || await store.IsStampedAsync(connection, last.Frontier.Size, cancellation)
            )
                continue;
            var token = await StampAsync(authority, last.Note, cancellation);
            await store.AddStampAsync(
                connection,
                last.Frontier.Size,
                token,
                clock.GetUtcNow(),
                cancellation
            );
            await transaction.CommitAsync(cancellation);
            DataDirectory.WriteAtomically(Path.Combine(data.Heads, schema + ".stamped"), last.Note);
            await File.WriteAllBytesAsync(
                Path.Combine(data.Heads, schema + ".stamped.tst"),
                token,
                cancellation
            );
            stamped++;
        }
        return stamped;
    }

    /// <summary>When the authority saw the note, or null where the token is not over it.</summary>
    /// <remarks>Whether the authority is one to trust is for whoever has its certificate to say.</remarks>
    public static DateTimeOffset? TimeOf(byte[] token, string note) =>
        Rfc3161TimestampToken.TryDecode(token, out var decoded, out var read)
        && read == token.Length
        && decoded.VerifySignatureForData(Encoding.UTF8.GetBytes(note), out _)
            ? decoded.TokenInfo.Timestamp
            : null;

    async Task<byte[]> StampAsync(Uri authority, string note, CancellationToken cancellation)
    {
        var request = Rfc3161TimestampRequest.CreateFromData(
            Encoding.UTF8.GetBytes(note),
            HashAlgorithmName.SHA256,
            nonce: RandomNumberGenerator.GetBytes(16),
            requestSignerCertificates: true
        );
        try
        {
            using var content = new ByteArrayContent(request.Encode());
            content.Headers.ContentType = new MediaTypeHeaderValue("application/timestamp-query");
            using var answer = await http.PostAsync(authority, content, cancellation);
            answer.EnsureSuccessStatusCode();
            var bytes = await answer.Content.ReadAsByteArrayAsync(cancellation);
            if (bytes.Length > AnswerBytesMax)
                throw new CryptographicException($"more than {AnswerBytesMax} bytes");
            return request.ProcessResponse(bytes, out _).AsSignedCms().Encode();
        }
        catch (Exception failure)
            when (failure is HttpRequestException or CryptographicException
                || failure is TaskCanceledException && !cancellation.IsCancellationRequested
            )
        {
            throw new OperationFailedException(
                $"The time-stamp authority {authority} did not stamp the head: {failure.Message}",
                failure
            );
        }
    }
}
