namespace Sentinel.Postgres.Ledger;

/// <summary>
/// Who else keeps the heads: folders and witnesses get copies, an authority says when a head was there.
/// Nobody, unless the environment names them.
/// </summary>
/// <param name="Folders">Best on another machine, where the owner of the database may not write.</param>
/// <param name="Witnesses">They speak C2SP's tlog-witness: <c>add-checkpoint</c> is under this address.</param>
/// <param name="Authority">A time-stamp authority after RFC 3161, over HTTP.</param>
public sealed record HeadPlaces(
    IReadOnlyList<string> Folders,
    IReadOnlyList<Uri> Witnesses,
    Uri? Authority
)
{
    public const string WitnessVariable = "SENTINEL_WITNESSES";
    public const string AuthorityVariable = "SENTINEL_TSA";

    /// <exception cref="OperationFailedException">A place is neither a folder nor an address.</exception>
    public static HeadPlaces FromEnvironment() =>
        Read(
            Environment.GetEnvironmentVariable(WitnessVariable),
            Environment.GetEnvironmentVariable(AuthorityVariable)
        );

    /// <param name="witnesses">Absolute paths and http(s) addresses, with spaces between them.</param>
    /// <param name="authority">An address, or nothing.</param>
    public static HeadPlaces Read(string? witnesses, string? authority)
    {
        var places = (witnesses ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        List<Uri> addresses = [];
        List<string> folders = [];
        foreach (var place in places)
            if (Path.IsPathFullyQualified(place))
                folders.Add(place);
            else
                addresses.Add(Address(place, WitnessVariable));
        return new HeadPlaces(
            folders,
            addresses,
            string.IsNullOrWhiteSpace(authority)
                ? null
                : Address(authority.Trim(), AuthorityVariable)
        );
    }

    static Uri Address(string text, string variable) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            ? address
            : throw new OperationFailedException(
                $"{variable} names '{text}', which is neither an absolute path nor an http(s) address."
            );
}
