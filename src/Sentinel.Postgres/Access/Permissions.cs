namespace Sentinel.Postgres.Access;

/// <summary>For hosts that guard something which is not a use case, such as a page about jobs.</summary>
public static class Permissions
{
    /// <exception cref="CredentialRefusedException">The credential opens nothing.</exception>
    public static async Task<bool> HasAsync(
        SentinelDatabase database,
        Secret secret,
        string permission,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        await using var command = work.Command("SELECT access.permitted($1)");
        command.Parameters.AddWithValue(permission);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }
}
