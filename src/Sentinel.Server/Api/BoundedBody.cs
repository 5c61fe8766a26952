namespace Sentinel.Server.Api;

/// <summary>A body that is needed as a whole, as far as it may be that large.</summary>
static class BoundedBody
{
    const int PieceBytes = 64 * 1024;

    /// <summary>Null where it is larger.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(
        Stream body,
        int bytesMax,
        CancellationToken cancellation
    )
    {
        var kept = new MemoryStream();
        var piece = new byte[PieceBytes];
        while (await body.ReadAsync(piece, cancellation) is var read and > 0)
        {
            if (kept.Length + read > bytesMax)
                return null;
            kept.Write(piece, 0, read);
        }
        return kept.GetBuffer().AsMemory(0, (int)kept.Length);
    }
}
