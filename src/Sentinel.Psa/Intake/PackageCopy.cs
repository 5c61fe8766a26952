using Sentinel.Contract;
using Sentinel.Postgres;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Evidence;

namespace Sentinel.Psa.Intake;

/// <summary>Fetches a sealed package into our own store, and believes only the hash that it makes itself.</summary>
sealed class PackageCopy(EvidenceObjects objects)
{
    public async Task<Outcome<StoredObject>> FetchAsync(
        SealedPackage package,
        CancellationToken cancellation
    )
    {
        if (!package.Uri.IsFile)
            throw new OperationFailedException(
                $"Package {package.Id} lies at {package.Uri}, and this Sentinel fetches file:// only: "
                    + "put packages where both sides can read them."
            );
        try
        {
            await using var content = File.OpenRead(package.Uri.LocalPath);
            var stored = await objects.StoreAsync(content, cancellation);
            return stored.Hash == package.Sha256
                ? new Outcome<StoredObject>.Done(stored)
                : new Outcome<StoredObject>.Declined(
                    new RuleRefusal(
                        "intake.package_hash",
                        $"package {package.Id} has SHA-256 {stored.Hash}, "
                            + $"and {package.Sha256} was sealed",
                        "the sender seals and sends it again"
                    )
                );
        }
        catch (Exception missing)
            when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return new Outcome<StoredObject>.Declined(
                new RuleRefusal(
                    "intake.package_missing",
                    $"package {package.Id} is not at {package.Uri}",
                    "the sender puts it back and sends it again"
                )
            );
        }
    }
}
