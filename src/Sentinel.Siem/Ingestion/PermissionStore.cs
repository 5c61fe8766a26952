using Sentinel.Postgres.Access;

namespace Sentinel.Siem.Ingestion;

static class PermissionStore
{
    /// <summary>Null where the presented actor may, else why not, as a sentence.</summary>
    public static async Task<string?> RefusalAsync(
        PresentedTransaction work,
        string permission,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command("SELECT access.permitted($1)");
        command.Parameters.AddWithValue(permission);
        return await command.ExecuteScalarAsync(cancellation) is true
            ? null
            : $"This credential does not permit {permission}: ask an administrator for a role that does.";
    }
}
