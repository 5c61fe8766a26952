using Npgsql;
using Sentinel.IntegrationTests.Psa;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Governance;
using Sentinel.Psa.Organisations;

namespace Sentinel.IntegrationTests.Governance;

/// <summary>
/// What everybody could send to the database of an office at work, generated from its catalogue: the
/// steps of a case past the service, a copy of every kind of row in one's own name and in another's, every
/// value that a column might be given, every removal.
/// </summary>
static class ProbeSet
{
    /// <summary>An office with a row in as many tables as there are, and the probes to it.</summary>
    public static async Task<(Office Office, IReadOnlyList<Probe> Probes)> OpenAsync()
    {
        var trial = await TrialOffice.OpenAsync();
        var office = trial.Office;
        var cases = await CasesAsync(trial);
        var desk = await ProbeRows.AddAsync(trial, cases[0].Id, cases[1].Id);
        var other = await Office.FoundAsync(office.Database, "Quarry");
        await other.ClosedCaseAsync();
        var hands = new Dictionary<string, Secret>
        {
            ["analyst"] = trial.Token(new Hand(0, 0)),
            ["idle analyst"] = trial.Token(new Hand(1, 1)),
            ["manager"] = trial.Token(new Hand(2, 2)),
            ["idle manager"] = trial.Token(new Hand(3, 3)),
            ["deputy of another time"] = trial.Token(new Hand(1, 2)),
            ["shared account"] = desk.Token,
            ["workflow"] = office.Workflow,
            ["administrator"] = office.Administrator,
            ["detection engineer"] = (
                await office.HireAsync("dee", RoleSeeds.DetectionEngineer)
            ).Token,
            ["stranger"] = other.Manager.Token,
        };
        List<Probe> probes =
        [
            .. Steps(cases, hands, trial),
            await MergerAsync(trial),
            Chain(office, trial.People[1], desk),
        ];
        await DecidedAsync(office, cases[0].Id);
        await using var connection = new NpgsqlConnection(
            office.Database.SuperuserConnectionString
        );
        await connection.OpenAsync();
        foreach (var (hand, secret) in hands)
            probes.AddRange(await AskAsync(connection, Copies, hand, secret));
        probes.AddRange(await AskAsync(connection, Reads, "stranger", hands["stranger"]));
        probes.AddRange(await AskAsync(connection, Values, "superuser", null));
        probes.AddRange(await AskAsync(connection, Alone, "superuser", null));
        probes.AddRange(await AskAsync(connection, Twice, "superuser", null));
        probes.AddRange(await AskAsync(connection, Notes, "superuser", null));
        probes.Add(new Probe("nobody: asks", new Secret("sp_unknown"), "SELECT 1"));
        probes.AddRange(await AskAsync(connection, Removals, "superuser", null));
        return (office, probes);
    }

    sealed record Prepared(string Name, Guid Id, Guid Task, Guid Approval);

    static async Task<IReadOnlyList<Prepared>> CasesAsync(TrialOffice trial)
    {
        var office = trial.Office;
        List<Prepared> cases = [];
        foreach (var name in (string[])["open", "running", "resolved", "ready", "closed"])
        {
            var caseId = await office.CaseAsync();
            var task = (await office.StoryAsync(caseId)).Tasks[0].Id;
            var approval = Guid.Empty;
            if (name is "open" or "running")
                approval = Office
                    .Done(
                        await office.AskApproval.RunAsync(
                            name == "open" ? office.Workflow : office.Analyst.Token,
                            caseId,
                            null,
                            "May I?",
                            default
                        )
                    )
                    .Id;
            if (name == "running")
            {
                Office.Done(await office.TakeCase.RunAsync(office.Analyst.Token, caseId, default));
                Office.Done(await office.StartTask.RunAsync(office.Analyst.Token, task, default));
            }
            if (name is "resolved" or "ready")
                await office.WorkAsync(caseId, office.Analyst);
            if (name == "ready")
                Office.Done(
                    await office.AttestCase.RunAsync(
                        office.Manager.Token,
                        caseId,
                        "Read it",
                        default
                    )
                );
            if (name == "closed")
                await office.FinishAsync(caseId);
            cases.Add(new Prepared(name, caseId, task, approval));
        }
        return cases;
    }

    static IEnumerable<Probe> Steps(
        IReadOnlyList<Prepared> cases,
        Dictionary<string, Secret> hands,
        TrialOffice trial
    ) =>
        from one in cases
        from hand in hands
        from act in Enum.GetValues<ReferenceAct>()
        where
            act
                is not (
                    ReferenceAct.FollowOn
                    or ReferenceAct.MergeWithOther
                    or ReferenceAct.UnmergeFromOther
                    or ReferenceAct.EndDelegation
                )
        let row = act is ReferenceAct.ApproveIt or ReferenceAct.RefuseIt or ReferenceAct.WithdrawIt
            ? one.Approval
            : one.Task
        select new Probe(
            $"{hand.Key}: {act} ({one.Name})",
            hand.Value,
            RawSteps
                .Sql(act)
                .Replace("$1", $"'{one.Id}'::uuid")
                .Replace("$2", $"'{row}'::uuid")
                .Replace("$3", $"'{trial.People[3].Id}'::uuid")
        );

    /// <summary>Two cases, each with one of the two who could attest among its workers.</summary>
    static async Task<Probe> MergerAsync(TrialOffice trial)
    {
        List<Guid> worked = [];
        foreach (var manager in (int[])[2, 3])
        {
            worked.Add(await trial.Office.CaseAsync());
            Office.Done(
                await trial.Office.AskApproval.RunAsync(
                    trial.Token(new Hand(manager, manager)),
                    worked[^1],
                    null,
                    "May I?",
                    default
                )
            );
        }
        return new Probe(
            "analyst: merges cases of which nobody could attest both",
            trial.Token(new Hand(0, 0)),
            RawSteps
                .Sql(ReferenceAct.MergeWithOther)
                .Replace("$1", $"'{worked[0]}'::uuid")
                .Replace("$2", $"'{worked[1]}'::uuid")
        );
    }

    static Probe Chain(Office office, Office.Person account, Office.Person desk) =>
        new(
            "administrator: lets an account stand behind another",
            office.Administrator,
            $"""
            INSERT INTO psa.account_holders (id, organisation_id, account_id, person_id, reason, added_by, added_at)
            SELECT gen_random_uuid(), access.organisation_id(), '{account.Id}', '{desk.Id}', 'so', access.actor_id(), now()
            """
        );

    /// <summary>The last approval is one that was decided: its copy would begin so.</summary>
    static async Task DecidedAsync(Office office, Guid caseId)
    {
        var asked = Office.Done(
            await office.AskApproval.RunAsync(office.Analyst.Token, caseId, null, "May I?", default)
        );
        Office.Done(
            await office.DecideApproval.RunAsync(
                office.Manager.Token,
                asked.Id,
                ApprovalTrigger.Approve,
                "you may",
                default
            )
        );
    }

    static async Task<IReadOnlyList<Probe>> AskAsync(
        NpgsqlConnection connection,
        string sql,
        string hand,
        Secret? by
    )
    {
        await using var command = new NpgsqlCommand(Tables + sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        List<Probe> probes = [];
        while (await reader.ReadAsync())
            probes.Add(new Probe($"{hand}: {reader.GetString(0)}", by, reader.GetString(1)));
        return probes;
    }

    // key: how to find one row again.
    const string Tables = """
        WITH tables AS (
            SELECT c.oid, c.oid::regclass::text AS name, (
                SELECT array_agg(quote_ident(attname) ORDER BY attnum) FROM pg_attribute
                WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attidentity = ''
                  AND attgenerated = '') AS columns
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'psa' AND c.relkind = 'r'),
        columns AS (
            SELECT t.name, t.oid, attnum, quote_ident(attname) AS column_name,
                format_type(atttypid, atttypmod) AS type, typcategory, CASE
                    WHEN typname = 'uuid' THEN ARRAY['NULL', 'gen_random_uuid()']
                    WHEN typname = 'text' THEN ARRAY['NULL', '''''', '''  ''', '''?!''', 'repeat(''a'', 5000)',
                        'repeat(''a'', 25000)']
                    WHEN typname = 'timestamptz' THEN ARRAY['NULL', '''-infinity''', '''infinity''', 'now()']
                    WHEN typname = 'bytea' THEN ARRAY['NULL', '''''']
                    WHEN typname = 'bool' THEN ARRAY['NULL', 'NOT ' || quote_ident(attname)]
                    WHEN typname = 'json' THEN ARRAY['NULL', 'to_json(repeat(''a'', 100000))']
                    WHEN typname = 'jsonb' THEN ARRAY['NULL', 'to_jsonb(repeat(''a'', 100000))']
                    WHEN typname = '_text' THEN ARRAY['NULL', 'array_fill(''a''::text, ARRAY[200])']
                    WHEN typcategory = 'N' THEN ARRAY['NULL', '-1', '0', '100000']
                    ELSE ARRAY['NULL'] END AS candidates
            FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid JOIN pg_type y ON y.oid = a.atttypid
            WHERE attnum > 0 AND NOT attisdropped AND attidentity = '' AND attgenerated = '')

        """;

    // The first and the last row, with a new id; who did it as it was, or whoever asks.
    const string Copies = """
        SELECT format('copies %s row of %s %s', place, name, whose),
            format('INSERT INTO %s (%s) SELECT %s FROM (SELECT * FROM %s ORDER BY ctid %s LIMIT 1) AS copied',
                name, array_to_string(columns, ', '), (
                    SELECT string_agg(CASE WHEN c = 'id' OR c = 'instance_id' AND NOT 'id' = ANY (columns)
                            THEN 'gen_random_uuid()'
                        WHEN c LIKE '%\_by' AND whose = 'in their own name' THEN 'access.actor_id()'
                        ELSE c END, ', ' ORDER BY o)
                    FROM unnest(columns) WITH ORDINALITY AS u(c, o)), name, place)
        FROM tables, (VALUES ('ASC'), ('DESC')) AS places(place),
            (VALUES ('as it is'), ('in their own name')) AS names(whose)
        UNION ALL
        SELECT format('sets %s.%s again', c.name, c.column_name),
            format('UPDATE %s SET %s = %s', c.name, c.column_name, CASE
                WHEN type = 'timestamp with time zone' THEN 'now()'
                WHEN type = 'text' THEN c.column_name
                WHEN c.column_name LIKE '%\_by' THEN 'access.actor_id()'
                ELSE c.column_name END)
        FROM columns c JOIN access.mutable_columns m ON m.table_name = c.name AND m.column_name = c.column_name
        """;

    const string Reads = """
        SELECT format('reads %s', name), format('DO $do$ BEGIN RAISE EXCEPTION USING ERRCODE = ''SNR98'',
            MESSAGE = (SELECT count(*) FROM %s)::text; END $do$', name)
        FROM tables
        UNION ALL
        SELECT format('reads another''s %s', name), format('UPDATE %s SET %s = %s', name, columns[1], columns[1])
        FROM tables
        """;

    // One value after the other into one column of one row, past every trigger: what constraints hold.
    const string Values = """
        SELECT format('%s.%s := %s', c.name, column_name, value), format(
            'ALTER TABLE %s DISABLE TRIGGER USER; UPDATE %s SET %s = %s WHERE ctid = (SELECT min(ctid) FROM %s)',
            c.name, c.name, column_name, value, c.name)
        FROM columns c, LATERAL unnest(candidates || CASE WHEN type = 'uuid' THEN ARRAY['(SELECT
            max(organisation_id::text)::uuid FROM psa.users WHERE organisation_id <> ' || c.name
            || '.organisation_id)'] END) AS value
        """;

    // One constraint without the others of its table, which might refuse the same: each value that it names,
    // that its columns have, or that any column might be given.
    const string Alone = """
        SELECT format('%s alone on %s: %s := %s', k.conname, c.name, column_name, value), format(
            'ALTER TABLE %s DISABLE TRIGGER USER; %s UPDATE %s SET %s = %s', c.name, dropped, c.name,
            column_name, value)
        FROM columns c JOIN pg_constraint k ON k.conrelid = c.oid AND contype IN ('c', 'f')
            AND c.attnum = ANY (k.conkey),
        LATERAL (SELECT string_agg(format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE;', c.name,
                o.conname), ' ') AS dropped
            FROM pg_constraint o WHERE o.conrelid = c.oid AND o.oid <> k.oid AND o.contype IN ('c', 'f', 'u', 'p')
              AND NOT (k.contype = 'f' AND o.conindid = k.conindid)) AS others,
        LATERAL (SELECT unnest(candidates)
            UNION SELECT other.column_name FROM columns other
            WHERE other.oid = c.oid AND other.type = c.type AND other.attnum = ANY (k.conkey)
            UNION SELECT quote_literal(named[1])
            FROM regexp_matches(pg_get_constraintdef(k.oid), '''([^'']*)''::text', 'g') AS named
            WHERE c.type = 'text') AS values (value)
        """;

    // A row a second time, where only one unique index is left that could refuse it.
    const string Twice = """
        SELECT format('%s twice, %s', t.name, i.indexrelid::regclass), format('ALTER TABLE %s DISABLE TRIGGER USER;
            %s %s INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s WHERE %s AND (%s) LIMIT 1', t.name,
            dropped, others, t.name, given, given, t.name, (SELECT string_agg(format('%I IS NOT NULL', attname), ' AND ')
                FROM pg_attribute WHERE attrelid = t.oid AND attnum = ANY (i.indkey)),
            coalesce(pg_get_expr(i.indpred, i.indrelid), 'true'))
        FROM tables t JOIN pg_index i ON i.indrelid = t.oid AND i.indisunique,
        LATERAL (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS given FROM pg_attribute
            WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns,
        LATERAL (SELECT string_agg(format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE;', t.name,
                o.conname), ' ') AS dropped
            FROM pg_constraint o WHERE o.conrelid = t.oid AND o.contype IN ('c', 'f', 'u', 'p')
              AND o.conindid <> i.indexrelid) AS constraints,
        LATERAL (SELECT string_agg(format('DROP INDEX IF EXISTS %s;', o.indexrelid::regclass), ' ') AS others
            FROM pg_index o WHERE o.indrelid = t.oid AND o.indisunique AND o.indexrelid <> i.indexrelid
              AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = o.indexrelid)) AS indexes
        """;

    // Whether a row is noted that nothing else keeps out: no other trigger, no constraint.
    const string Notes = """
        SELECT format('copies a row of %s, which only %s sees', t.name, g.tgname), format('%s %s INSERT INTO %s (%s)
            SELECT %s FROM %s LIMIT 1', disabled, dropped, t.name, array_to_string(t.columns, ', '),
            array_to_string(t.columns, ', '), t.name)
        FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid AND g.tgname = 'audited',
        LATERAL (SELECT string_agg(format('ALTER TABLE %s DISABLE TRIGGER %I;', t.name, o.tgname), ' ') AS disabled
            FROM pg_trigger o WHERE o.tgrelid = t.oid AND NOT o.tgisinternal AND o.oid <> g.oid) AS triggers,
        LATERAL (SELECT string_agg(format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE;', t.name,
                o.conname), ' ') AS dropped
            FROM pg_constraint o WHERE o.conrelid = t.oid AND o.contype IN ('c', 'f', 'u', 'p')) AS others
        """;

    const string Removals = """
        SELECT format('deletes from %s', name), format('DELETE FROM %s', name) FROM tables
        UNION ALL
        SELECT format('truncates %s', name), format('TRUNCATE %s CASCADE', name) FROM tables
        UNION ALL
        SELECT format('rewrites %s.%s', name, column_name), format('UPDATE %s SET %s = %s', name, column_name,
            CASE WHEN type = 'uuid' THEN 'gen_random_uuid()' WHEN type = 'text' THEN column_name || ' || ''x'''
                WHEN type = 'timestamp with time zone' THEN column_name || ' + interval ''1 second'''
                WHEN type = 'boolean' THEN 'NOT ' || column_name
                WHEN typcategory = 'N' THEN column_name || ' + 1' ELSE column_name END)
        FROM columns
        UNION ALL
        SELECT format('rewrites %s.%s past its guard', c.name, column_name), format(
            'ALTER TABLE %s DISABLE TRIGGER a_guard; UPDATE %s SET %s = %s', c.name, c.name, column_name,
            CASE WHEN type = 'uuid' THEN 'gen_random_uuid()' ELSE 'NULL' END)
        FROM columns c WHERE EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgname = 'a_guard')
        UNION ALL
        SELECT 'rights and rules on ' || name, format(
            'DO $do$ BEGIN RAISE EXCEPTION USING ERRCODE = ''SNR99'', MESSAGE = (SELECT concat_ws('' '', relacl,
                relrowsecurity, relforcerowsecurity, (SELECT array_agg(attacl::text ORDER BY attnum) FROM
                pg_attribute WHERE attrelid = c.oid)) FROM pg_class c WHERE oid = %L::regclass); END $do$', name)
        FROM tables
        """;
}
