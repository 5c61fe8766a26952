using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Sentinel.Postgres.Ledger;

/// <summary>
/// Gives the latest signed heads to everybody who keeps copies. A folder whose copy contradicts the log
/// is left as it is, and so is a witness that refuses: what they hold is the proof.
/// </summary>
public sealed class CopyHeads(
    SentinelDatabase database,
    DataDirectory data,
    HeadPlaces places,
    HttpClient http
)
{
    const int AnswerCharsMax = 4096;

    /// <returns>One sentence for each place that did not take its copy; none where all is well.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellation)
    {
        List<string> problems = [];
        if (places.Folders.Count + places.Witnesses.Count == 0)
            return problems;
        foreach (var schema in await LedgerStore.SchemasAsync(database.Signer, cancellation))
        {
            var store = new LedgerStore(schema);
            await using var connection = await database.Signer.OpenConnectionAsync(cancellation);
            if (await store.LastAsync(connection, cancellation) is not { } last)
                continue;
            foreach (var folder in places.Folders)
                if (
                    await ToFolderAsync(store, connection, last, folder, cancellation) is
                    { } problem
                )
                    problems.Add(problem);
            foreach (var witness in places.Witnesses)
                if (
                    await ToWitnessAsync(store, connection, last, witness, cancellation) is
                    { } problem
                )
                    problems.Add(problem);
        }
        return problems;
    }

    /// <summary>The name of a log's copy: its origin, with dots for slashes.</summary>
    public static string FileName(string origin) => origin.Replace('/', '.') + ".checkpoint";

    static async Task<string?> ToFolderAsync(
        LedgerStore store,
        NpgsqlConnection connection,
        LedgerStore.LastCheckpoint last,
        string folder,
        CancellationToken cancellation
    )
    {
        var head = Head(last.Note);
        var file = Path.Combine(folder, FileName(head.Origin));
        try
        {
            Directory.CreateDirectory(folder);
            if (File.Exists(file))
            {
                var text = await File.ReadAllTextAsync(file, cancellation);
                if (text == last.Note)
                    return null;
                if (
                    SignedNote.Parse(text) is not { } note
                    || Checkpoint.Parse(note.Text) is not { } kept
                )
                    return $"{file} is not a head: move it away, so that copies go on.";
                var root = await store.RootAtAsync(connection, kept.Size, cancellation);
                if (!kept.Root.AsSpan().SequenceEqual(root))
                    return $"{file} holds a head of {kept.Size} entries that the log does not contain: "
                        + $"keep it, and run ./sentinel verify audit --head {file}";
            }
            DataDirectory.WriteAtomically(file, last.Note);
            return null;
        }
        catch (Exception failure)
            when (failure is IOException or UnauthorizedAccessException or OperationFailedException)
        {
            return $"The head cannot be copied to {folder}: {failure.Message}";
        }
    }

    // C2SP tlog-witness: what it has seen, the proof that the log only grew since, and the head.
    async Task<string?> ToWitnessAsync(
        LedgerStore store,
        NpgsqlConnection connection,
        LedgerStore.LastCheckpoint last,
        Uri witness,
        CancellationToken cancellation
    )
    {
        var head = Head(last.Note);
        var kept = KeptFile(head, witness);
        var seen = File.Exists(kept + ".size")
            ? long.Parse(
                await File.ReadAllTextAsync(kept + ".size", cancellation),
                CultureInfo.InvariantCulture
            )
            : 0;
        if (seen == head.Size)
            return null;
        if (seen > head.Size)
            return $"{witness} has seen {seen} entries of {head.Origin}, which has {head.Size}: "
                + "the database was restored from an older copy.";
        var request = new StringBuilder($"old {seen.ToString(CultureInfo.InvariantCulture)}\n");
        foreach (var hash in await ProofAsync(store, connection, seen, head.Size, cancellation))
            request.Append(Convert.ToBase64String(hash)).Append('\n');
        request.Append('\n').Append(last.Note);
        try
        {
            using var content = new StringContent(request.ToString());
            using var answer = await http.PostAsync(
                new Uri(witness.ToString().TrimEnd('/') + "/add-checkpoint"),
                content,
                cancellation
            );
            var text = await answer.Content.ReadAsStringAsync(cancellation);
            if (text.Length > AnswerCharsMax)
                text = text[..AnswerCharsMax];
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                DataDirectory.WriteAtomically(kept + ".cosigned", last.Note + text);
                Remember(kept, head.Size);
                return null;
            }
            if (
                answer.StatusCode == HttpStatusCode.Conflict
                && long.TryParse(
                    text.Trim(),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var size
                )
            )
                Remember(kept, size);
            return $"{witness} refused the head of {head.Origin} with {head.Size} entries "
                + $"({(int)answer.StatusCode}): {text.Trim()}";
        }
        catch (Exception failure)
            when (failure is HttpRequestException
                || failure is TaskCanceledException && !cancellation.IsCancellationRequested
            )
        {
            return $"{witness} cannot be reached: {failure.Message}";
        }
    }

    static async Task<IReadOnlyList<byte[]>> ProofAsync(
        LedgerStore store,
        NpgsqlConnection connection,
        long seen,
        long size,
        CancellationToken cancellation
    )
    {
        if (seen == 0)
            return [];
        var earlier = await store.FrontierAtAsync(connection, seen, cancellation);
        var leaves = await store.HashesAsync(connection, earlier?.Size ?? 0, size, cancellation);
        if (earlier is not null)
            return MerkleTree.ConsistencyProof(earlier, leaves);
        return MerkleTree.ConsistencyProof(leaves, checked((int)seen));
    }

    string KeptFile(Checkpoint head, Uri witness)
    {
        var name = Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(witness.ToString()))
        );
        return Path.Combine(data.Heads, $"{head.Origin.Replace('/', '.')}.{name[..16]}");
    }

    static void Remember(string kept, long size) =>
        DataDirectory.WriteAtomically(kept + ".size", size.ToString(CultureInfo.InvariantCulture));

    static Checkpoint Head(string note) => Checkpoint.Parse(SignedNote.Parse(note)!.Text)!;
}
