using System.Text.Json;

namespace Sentinel.Postgres.Ledger;

/// <summary>
/// Verifies an exported audit log from its files alone: no database, no data directory, no secret.
/// </summary>
public static class VerifyExport
{
    /// <param name="folder">What <see cref="ExportAudit"/> wrote.</param>
    /// <param name="headFiles">Heads kept elsewhere, which the export has to contain.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>What is wrong, one sentence each; none where everything holds.</returns>
    /// <exception cref="OperationFailedException">A file is missing or cannot be read.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(
        string folder,
        IReadOnlyList<string> headFiles,
        CancellationToken cancellation
    )
    {
        try
        {
            return await CheckAsync(folder, headFiles, cancellation);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new OperationFailedException(
                $"The export in {folder} cannot be read: {failure.Message}",
                failure
            );
        }
    }

    static async Task<IReadOnlyList<string>> CheckAsync(
        string folder,
        IReadOnlyList<string> headFiles,
        CancellationToken cancellation
    )
    {
        List<string> problems = [];
        var vkey = await File.ReadAllTextAsync(
            Path.Combine(folder, ExportAudit.KeyFile),
            cancellation
        );
        if (VerifierKey.Parse(vkey) is not { } key)
            return [$"{ExportAudit.KeyFile} is not a key that we can use"];
        IReadOnlyList<byte[]> contents;
        try
        {
            contents = await LeavesAsync(folder, cancellation);
        }
        catch (FormatException wrong)
        {
            return [wrong.Message];
        }
        byte[][] hashes = [.. contents.Select(content => MerkleTree.LeafHash(content))];
        foreach (var file in headFiles.Prepend(Path.Combine(folder, ExportAudit.CheckpointFile)))
            if (Differs(await File.ReadAllTextAsync(file, cancellation), key, hashes) is { } why)
                problems.Add($"{file} {why}");
        foreach (var file in Directory.EnumerateFiles(folder, "*" + ExportAudit.ProofExtension))
        {
            var proof = InclusionNote.Parse(await File.ReadAllTextAsync(file, cancellation));
            if (
                proof is null
                || proof.Index >= contents.Count
                || !proof.Proves(contents[(int)proof.Index], key)
            )
                problems.Add($"{file} does not prove that its entry is in the log");
        }
        return problems;
    }

    /// <summary>The bytes under each leaf, in order.</summary>
    /// <exception cref="FormatException">A line is not a leaf.</exception>
    public static async Task<IReadOnlyList<byte[]>> LeavesAsync(
        string folder,
        CancellationToken cancellation
    )
    {
        List<byte[]> contents = [];
        var lines = File.ReadLinesAsync(Path.Combine(folder, ExportAudit.LeavesFile), cancellation);
        await foreach (var line in lines)
            contents.Add(
                Content(line)
                    ?? throw new FormatException(
                        $"line {contents.Count + 1} of {ExportAudit.LeavesFile} is not a leaf"
                    )
            );
        return contents;
    }

    static string? Differs(string text, VerifierKey key, byte[][] hashes)
    {
        if (SignedNote.Parse(text) is not { } note || Checkpoint.Parse(note.Text) is not { } head)
            return "is not a signed checkpoint";
        if (!key.Signed(note) || head.Origin != key.Name)
            return "is not signed by the key of the export";
        if (head.Size > hashes.Length)
            return $"has {head.Size} entries, and the export only {hashes.Length}";
        return MerkleTree.Root(hashes.Take((int)head.Size)).AsSpan().SequenceEqual(head.Root)
            ? null
            : $"has another root over its {head.Size} entries: one of them was changed";
    }

    static byte[]? Content(string line)
    {
        try
        {
            using var parsed = JsonDocument.Parse(line);
            return parsed.RootElement.GetProperty("leaf").GetBytesFromBase64();
        }
        catch (Exception wrong)
            when (wrong
                    is JsonException
                        or FormatException
                        or KeyNotFoundException
                        or InvalidOperationException
            )
        {
            return null;
        }
    }
}
