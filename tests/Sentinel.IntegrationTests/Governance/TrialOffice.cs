using Npgsql;
using Sentinel.IntegrationTests.Psa;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Governance;
using Sentinel.Psa.Organisations;

namespace Sentinel.IntegrationTests.Governance;

/// <summary>The people of the model, with every credential that one of them could present.</summary>
sealed class TrialOffice : IAsyncDisposable
{
    readonly Dictionary<Hand, Secret> tokens = [];

    TrialOffice(Office office, IReadOnlyList<Office.Person> people)
    {
        Office = office;
        People = people;
    }

    public static ReferenceWorld World { get; } =
        new(
            "as it is tried",
            [
                RoleSeeds.Analyst,
                RoleSeeds.Analyst,
                RoleSeeds.IncidentManager,
                RoleSeeds.IncidentManager,
            ],
            Tasks: 3,
            WithAnother: true,
            WithDeputies: true,
            WithLeftovers: true
        );

    public Office Office { get; }

    public IReadOnlyList<Office.Person> People { get; }

    public Secret Token(Hand hand) => tokens[hand];

    public static async Task<TrialOffice> OpenAsync()
    {
        var office = await Office.OpenAsync();
        var trial = new TrialOffice(
            office,
            [
                office.Analyst,
                await office.HireAsync("ben", RoleSeeds.Analyst),
                office.Manager,
                await office.HireAsync("max", RoleSeeds.IncidentManager),
            ]
        );
        trial.tokens[Hand.Workflow] = office.Workflow;
        trial.tokens[Hand.Detection] = office.Siem;
        for (var person = 0; person < ReferenceCase.People; person++)
        for (var other = 0; other < ReferenceCase.People; other++)
            trial.tokens[new Hand(person, other)] =
                person == other
                    ? trial.People[person].Token
                    : await trial.LeftoverAsync(trial.People[person], trial.People[other]);
        return trial;
    }

    /// <summary>A deputy's token that outlived its delegation, or came before the next one.</summary>
    async Task<Secret> LeftoverAsync(Office.Person deputy, Office.Person delegator)
    {
        var token = await Office.DeputiseAsync(delegator, deputy);
        await Office.Database.RunAsSuperuserAsync(
            """
            ALTER TABLE psa.delegations DISABLE TRIGGER a_guard;
            UPDATE psa.delegations SET ended_at = now() WHERE ended_at IS NULL;
            ALTER TABLE psa.delegations ENABLE ALWAYS TRIGGER a_guard;
            """
        );
        return token;
    }

    /// <summary>Whether the database would let it happen. It does not happen: the transaction is rolled back.</summary>
    public async Task<bool> WouldLetAsync(Secret by, string sql, Guid caseId, Guid row, Guid whom)
    {
        await using var work = await PresentedTransaction.BeginAsync(
            Office.Database.Sentinel.Psa,
            by,
            default
        );
        // Names every parameter, so that PostgreSQL knows the types of those that a step does not use.
        await using var command = work.Command(
            "WITH given AS (SELECT $1::uuid, $2::uuid, $3::uuid) " + sql
        );
        foreach (var value in (Guid[])[caseId, row, whom])
            command.Parameters.AddWithValue(value);
        try
        {
            return await command.ExecuteNonQueryAsync() == 1;
        }
        catch (PostgresException refused) when (refused.SqlState is "SNR01" or "23514" or "42501")
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => Office.DisposeAsync();
}
