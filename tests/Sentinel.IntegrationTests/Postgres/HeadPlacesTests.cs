using System.Text;
using Sentinel.IntegrationTests.Support;
using Sentinel.Postgres;
using Sentinel.Postgres.Ledger;

namespace Sentinel.IntegrationTests.Postgres;

public class HeadPlacesTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_folder_gets_each_head_and_keeps_one_that_the_log_no_longer_contains()
    {
        await using var database = await TestDatabase.CreateAsync();
        var folder = Path.Combine(database.Data.Path, "elsewhere");
        await AuditSample.AddAsync(database, 4);
        var first = await SignAsync(database);
        var copied = await CopyAsync(database, folder);
        var file = Assert.Single(Directory.GetFiles(folder, "*siem.checkpoint"));
        var copy = await File.ReadAllTextAsync(file, Cancellation);
        // A superuser takes back what was signed, with every head that the server itself has.
        File.Delete(first.File);
        await AuditSample.TamperAsync(
            database,
            """
            DELETE FROM siem.audit_checkpoints;
            DELETE FROM siem.audit_leaves;
            DELETE FROM siem.audit_log WHERE position = (SELECT max(position) FROM siem.audit_log)
            """
        );
        await SignAsync(database);

        var refused = await CopyAsync(database, folder);

        Assert.Empty(copied);
        Assert.Equal(first.Note, copy);
        Assert.Contains("that the log does not contain", Assert.Single(refused));
        Assert.Equal(copy, await File.ReadAllTextAsync(file, Cancellation));
    }

    [Fact]
    public async Task A_witness_sees_the_log_grow_and_is_given_the_proof()
    {
        await using var database = await TestDatabase.CreateAsync();
        using var key = LedgerKey.Open(database.Data);
        var witness = new Witness(key.VerifierKeyFor("siem"));
        await using var server = new OutsideServer(witness.AnswerAsync);
        List<string> problems = [];
        foreach (var rows in (int[])[3, 4, 1, 9])
        {
            await AuditSample.AddAsync(database, rows);
            await SignAsync(database);
            problems.AddRange(await CopyAsync(database, server.Address.ToString()));
        }
        witness.Forget(7);
        await AuditSample.AddAsync(database, 2);
        await SignAsync(database);
        var conflict = await CopyAsync(database, server.Address.ToString());
        var again = await CopyAsync(database, server.Address.ToString());

        Assert.Empty(problems);
        Assert.Contains("(409)", Assert.Single(conflict));
        Assert.Empty(again);
        Assert.Equal([3, 7, 8, 17, 7, 19], witness.Sizes);
        var cosigned = Assert.Single(Directory.GetFiles(database.Data.Heads, "*.cosigned"));
        Assert.Equal(
            2,
            SignedNote.Parse(await File.ReadAllTextAsync(cosigned, Cancellation))!.Signatures.Count
        );
    }

    [Fact]
    public async Task OpenSSL_accepts_the_stamp_of_a_head_and_one_over_another_head_is_found()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var authority = await TimeStampAuthority.StartAsync();
        using var http = new HttpClient();
        var stamps = new StampHeads(
            database.Sentinel,
            database.Data,
            new HeadPlaces([], [], authority.Address),
            http,
            TimeProvider.System
        );
        await AuditSample.AddAsync(database, 3);
        await SignAsync(database);
        var first = await stamps.RunAsync(Cancellation);
        var nothingNew = await stamps.RunAsync(Cancellation);
        var note = Path.Combine(database.Data.Heads, "siem.stamped");
        var accepted = await authority.RefusalAsync(note + ".tst", note);
        await AuditSample.AddAsync(database, 3);
        var later = await SignAsync(database);
        await stamps.RunAsync(Cancellation);
        var other = await authority.RefusalAsync(await TokenOfAsync(database, 3), later.File);
        var sound = await ProblemsAsync(database);
        await database.RunAsSuperuserAsync(
            """
            ALTER TABLE siem.audit_timestamps DISABLE TRIGGER ALL;
            UPDATE siem.audit_timestamps SET token =
                (SELECT token FROM siem.audit_timestamps ORDER BY tree_size LIMIT 1)
            """
        );

        Assert.Equal((1, 0), (first, nothingNew));
        Assert.Null(accepted);
        Assert.NotNull(other);
        Assert.Empty(sound);
        Assert.Equal(
            new AuditProblem.StampRefused(later.Head!.Size),
            Assert.Single(await ProblemsAsync(database))
        );
    }

    [Fact]
    public async Task A_long_log_gets_a_head_for_each_thousand_rows()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.RunAsSuperuserAsync(
            $"""
            INSERT INTO siem.audit_log (organisation_id, action, entity_type, subject_id)
            SELECT '{AuditSample.Organisation}', 'case.changed', 'case', '{AuditSample.Story}'
            FROM generate_series(1, 2500)
            """
        );

        await SignAsync(database);

        Assert.Equal(
            "1000,2000,2500",
            await database.AskAsSuperuserAsync<string>(
                "SELECT string_agg(tree_size::text, ',' ORDER BY tree_size) FROM siem.audit_checkpoints"
            )
        );
        Assert.Empty(await ProblemsAsync(database));
    }

    [Fact]
    public void A_place_that_is_neither_a_folder_nor_an_address_is_refused() =>
        Assert.Contains(
            "neither an absolute path nor",
            Assert
                .Throws<OperationFailedException>(() => HeadPlaces.Read("/srv/heads ftp://a", null))
                .Message
        );

    static async Task<string> TokenOfAsync(TestDatabase database, long size)
    {
        var token = await database.AskAsSuperuserAsync<byte[]>(
            $"SELECT token FROM siem.audit_timestamps WHERE tree_size = {size}"
        );
        var file = Path.Combine(database.Data.Path, "token.tst");
        await File.WriteAllBytesAsync(file, token, Cancellation);
        return file;
    }

    static async Task<IReadOnlyList<string>> CopyAsync(TestDatabase database, string place)
    {
        using var http = new HttpClient();
        var copies = new CopyHeads(
            database.Sentinel,
            database.Data,
            HeadPlaces.Read(place, null),
            http
        );
        return await copies.RunAsync(Cancellation);
    }

    static Task<SignedHead> SignAsync(TestDatabase database) =>
        new SignHead(database.Sentinel, database.Data, TimeProvider.System).CoverAsync(
            "siem",
            AuditSample.Organisation,
            AuditSample.Story,
            Cancellation
        );

    static async Task<IReadOnlyList<AuditProblem>> ProblemsAsync(TestDatabase database) =>
        [
            .. (
                await new VerifyAudit(database.Sentinel, database.Data).RunAsync([], Cancellation)
            ).SelectMany(verdict => verdict.Problems),
        ];

    /// <summary>C2SP tlog-witness, as a party would write it that trusts nobody.</summary>
    sealed class Witness(VerifierKey key)
    {
        long size;
        byte[] root = [];

        public List<long> Sizes { get; } = [];

        /// <summary>As after a restored copy of its own: it goes on from an earlier head.</summary>
        public void Forget(long earlier) => (size, root) = (earlier, roots[earlier]);

        readonly Dictionary<long, byte[]> roots = [];

        public Task<(int, byte[])> AnswerAsync(string path, byte[] body)
        {
            var text = Encoding.UTF8.GetString(body);
            var split = text.IndexOf("\n\n", StringComparison.Ordinal);
            var lines = text[..split].Split('\n');
            var note = SignedNote.Parse(text[(split + 2)..])!;
            var head = Checkpoint.Parse(note.Text)!;
            if (path != "/add-checkpoint" || !key.Signed(note))
                return Task.FromResult((403, Array.Empty<byte>()));
            if (lines[0] != $"old {size}")
            {
                Sizes.Add(size);
                return Task.FromResult((409, Encoding.UTF8.GetBytes($"{size}\n")));
            }
            byte[][] proof = [.. lines.Skip(1).Select(Convert.FromBase64String)];
            if (size > 0 && !MerkleTree.IsConsistent(size, root, head.Size, head.Root, proof))
                return Task.FromResult((422, Array.Empty<byte>()));
            (size, root) = (head.Size, head.Root);
            roots[size] = root;
            Sizes.Add(size);
            var line = $"— witness.example {Convert.ToBase64String(new byte[76])}\n";
            return Task.FromResult((200, Encoding.UTF8.GetBytes(line)));
        }
    }
}
