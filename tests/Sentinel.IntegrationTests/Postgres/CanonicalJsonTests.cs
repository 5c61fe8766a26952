using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Npgsql;
using Sentinel.IntegrationTests.Support;
using Sentinel.Postgres.Ledger;
using Sentinel.Testing;

namespace Sentinel.IntegrationTests.Postgres;

public class CanonicalJsonTests
{
    const int Documents = 2000;
    const int SizeMax = 50;

    // Everything that makes two serialisers disagree: escapes, order of keys beyond the first plane,
    // numbers that no double holds, and exponents.
    static readonly Gen<string> Strings = Gen.Elements(
            "a",
            "é",
            "\"",
            "\\",
            "/",
            "\n",
            "\u0001",
            "\u007f",
            "\u2028",
            "דּ",
            "😂",
            "\uffff",
            "<&>"
        )
        .ListOf()
        .Select(string.Concat);

    static readonly Gen<string> Numbers = Gen.OneOf(
        Gen.Choose(-1000, 1000).Select(number => number.ToString(CultureInfo.InvariantCulture)),
        Gen.Choose(int.MinValue, int.MaxValue)
            .SelectMany(_ => Gen.Choose(-40, 40), (digits, power) => $"{digits}e{power}"),
        Gen.Choose(0, 999_999_999)
            .SelectMany(_ => Gen.Choose(0, 999_999_999), (a, b) => $"{a}{b}.{b}{a}0"),
        Gen.Elements("0", "-0.0", "1.50", "1e21", "1e-7", "0.000001", "123456789012345678901234")
    );

    [Fact]
    public async Task The_database_and_the_program_write_the_same_bytes()
    {
        await using var database = await TestDatabase.CreateAsync();
        var documents = Document(3).Sample(Documents, RunSeed.Chance, SizeMax).ToArray();
        await using var connection = new NpgsqlConnection(database.SuperuserConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(
            """
            SELECT document, access.canonical_json(document::jsonb), document::jsonb::text
            FROM unnest($1) AS document
            """,
            connection
        );
        command.Parameters.AddWithValue(documents);
        await using var reader = await command.ExecuteReaderAsync(
            TestContext.Current.CancellationToken
        );
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            using var parsed = JsonDocument.Parse(reader.GetString(2));
            Assert.Equal(reader.GetString(1), CanonicalJson.Text(parsed.RootElement));
        }
    }

    static Gen<string> Document(int depth) =>
        depth == 0
            ? Gen.OneOf(Numbers, Strings.Select(Quoted), Gen.Elements("true", "false", "null"))
            : Gen.OneOf(
                Document(0),
                Document(depth - 1).ListOf().Select(items => $"[{string.Join(',', items)}]"),
                Strings
                    .Zip(Document(depth - 1))
                    .ListOf()
                    .Select(members =>
                        "{"
                        + string.Join(',', members.Select(m => $"{Quoted(m.Item1)}:{m.Item2}"))
                        + "}"
                    )
            );

    static string Quoted(string text) => JsonSerializer.Serialize(text);
}
