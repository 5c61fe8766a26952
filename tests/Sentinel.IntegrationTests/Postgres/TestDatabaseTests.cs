using Sentinel.IntegrationTests.Support;

namespace Sentinel.IntegrationTests.Postgres;

public class TestDatabaseTests
{
    [Fact]
    public async Task Each_test_has_a_database_of_its_own_and_every_role_can_log_in()
    {
        await using var one = await TestDatabase.CreateAsync();
        await using var other = await TestDatabase.CreateAsync();

        await one.RunAsSuperuserAsync("CREATE TABLE public.mine ()");

        Assert.True(
            await other.AskAsSuperuserAsync<bool>("SELECT to_regclass('public.mine') IS NULL")
        );
        foreach (
            var pool in new[]
            {
                one.Sentinel.Siem,
                one.Sentinel.Psa,
                one.Sentinel.Jobs,
                one.Sentinel.Replay,
                one.Sentinel.Signer,
                one.Sentinel.Auditor,
            }
        )
        {
            await using var command = pool.CreateCommand("SELECT 1");
            Assert.Equal(
                1,
                await command.ExecuteScalarAsync(TestContext.Current.CancellationToken)
            );
        }
    }
}
