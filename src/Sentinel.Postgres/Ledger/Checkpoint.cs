using System.Globalization;

namespace Sentinel.Postgres.Ledger;

/// <summary>The head of a log's tree, in the text of C2SP's tlog-checkpoint.</summary>
public sealed record Checkpoint(string Origin, long Size, byte[] Root)
{
    /// <summary>The checkpoint, or null where the text of the note is none.</summary>
    public static Checkpoint? Parse(string text)
    {
        var lines = text.Split('\n');
        var root = new byte[MerkleTree.HashBytes];
        return
            lines.Length >= 4
            && lines[0].Length > 0
            && long.TryParse(
                lines[1],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var size
            )
            && size.ToString(CultureInfo.InvariantCulture) == lines[1]
            && lines[2].Length == 44
            && Convert.TryFromBase64String(lines[2], root, out var length)
            && length == MerkleTree.HashBytes
            ? new Checkpoint(lines[0], size, root)
            : null;
    }

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Origin}\n{Size}\n{Convert.ToBase64String(Root)}\n"
        );

    public bool SameHead(Checkpoint other) => Size == other.Size && Root.SequenceEqual(other.Root);
}
