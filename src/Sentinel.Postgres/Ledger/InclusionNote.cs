using System.Globalization;
using System.Text;

namespace Sentinel.Postgres.Ledger;

/// <summary>
/// C2SP's tlog-proof: the place of an entry, the hashes up to the root, and the checkpoint, in one
/// text that is verified with the log's key and nothing else.
/// </summary>
public sealed record InclusionNote(long Index, IReadOnlyList<byte[]> Hashes, string Checkpoint)
{
    const string FirstLine = "c2sp.org/tlog-proof@v1\n";
    const string IndexStart = "index ";

    /// <summary>The proof, or null where the text is not one.</summary>
    public static InclusionNote? Parse(string text)
    {
        var split = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (!text.StartsWith(FirstLine, StringComparison.Ordinal) || split < FirstLine.Length)
            return null;
        var lines = text[FirstLine.Length..split].Split('\n').ToList();
        if (lines[0].StartsWith("extra ", StringComparison.Ordinal))
            lines.RemoveAt(0);
        if (
            lines.Count == 0
            || !lines[0].StartsWith(IndexStart, StringComparison.Ordinal)
            || !long.TryParse(
                lines[0][IndexStart.Length..],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var index
            )
        )
            return null;
        List<byte[]> hashes = [];
        foreach (var line in lines.Skip(1))
        {
            var hash = new byte[MerkleTree.HashBytes];
            if (
                line.Length != 44
                || !Convert.TryFromBase64String(line, hash, out var length)
                || length != MerkleTree.HashBytes
            )
                return null;
            hashes.Add(hash);
        }
        return new InclusionNote(index, hashes, text[(split + 2)..]);
    }

    /// <summary>Whether the log of that key has this content at this place.</summary>
    public bool Proves(ReadOnlySpan<byte> content, VerifierKey key) =>
        SignedNote.Parse(Checkpoint) is { } note
        && key.Signed(note)
        && Ledger.Checkpoint.Parse(note.Text) is { } head
        && head.Origin == key.Name
        && MerkleTree.IncludesLeaf(
            MerkleTree.LeafHash(content),
            Index,
            head.Size,
            Hashes,
            head.Root
        );

    public override string ToString()
    {
        var text = new StringBuilder(FirstLine);
        text.Append(CultureInfo.InvariantCulture, $"{IndexStart}{Index}\n");
        foreach (var hash in Hashes)
            text.Append(Convert.ToBase64String(hash)).Append('\n');
        return text.Append('\n').Append(Checkpoint).ToString();
    }
}
