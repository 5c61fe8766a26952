using Sentinel.Postgres.Access;

namespace Sentinel.Psa.Audit;

/// <summary>People of the presented organisation; those of another do not exist here.</summary>
static class PersonStore
{
    public static async Task<bool> ExistsAsync(
        PresentedTransaction work,
        Guid userId,
        CancellationToken cancellation
    )
    {
        const string sql = "SELECT EXISTS (SELECT FROM psa.users WHERE id = $1)";
        await using var command = work.Command(sql).With(userId);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>By address: <c>analyst@example.org</c>.</summary>
    public static async Task<Guid?> FindAsync(
        PresentedTransaction work,
        string email,
        CancellationToken cancellation
    )
    {
        const string sql = "SELECT id FROM psa.users WHERE email = $1";
        await using var command = work.Command(sql).With(email);
        return await command.ExecuteScalarAsync(cancellation) as Guid?;
    }
}
