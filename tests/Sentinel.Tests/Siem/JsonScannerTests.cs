using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Tests.Siem;

/// <summary>Held against the reader of the platform: the same tokens of what is JSON, and no to the rest.</summary>
public sealed class JsonScannerTests
{
    static readonly string[] Pieces =
    [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"a\"",
        "\"a b\":",
        "\"\"",
        "1",
        "-0.5e+3",
        "01",
        "-",
        "1.",
        "1e",
        ".5",
        "true",
        "false",
        "null",
        "nul",
        "truex",
        " ",
        "\n",
        "\t",
        "\f",
        "\"\\\"",
        "\"\\n\\u00e9\\\\\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"tab\there\"",
        "\"ab",
        "é",
        "\"é😀\"",
        "\"a long text that fills more than one block of bytes and \\r\\n has escapes\"",
        "{\"k\":",
        "[1,",
        "//",
    ];

    static readonly Arbitrary<string> Texts = Gen.OneOf(
            Gen.Elements(Pieces).ListOf().Select(string.Concat),
            Gen.Sized(size => Value(Math.Min(size, 5)))
        )
        .ToArbitrary();

    [Property(MaxTest = 2000)]
    public Property It_reads_what_the_reader_of_the_platform_reads() =>
        Prop.ForAll(Texts, text => Scanned(text) == Read(text));

    [Property(MaxTest = 500)]
    public Property One_changed_byte_changes_nothing_about_that() =>
        Prop.ForAll(
            Texts,
            Gen.Choose(0, 1000).ToArbitrary(),
            Gen.Choose(0, 127).ToArbitrary(),
            (text, place, other) =>
            {
                var changed = Encoding.UTF8.GetBytes(text + " ");
                if (changed[place % changed.Length] < 128)
                    changed[place % changed.Length] = (byte)other;
                var mutant = Encoding.UTF8.GetString(changed);
                return Scanned(mutant) == Read(mutant);
            }
        );

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Nesting_ends_at_64_levels(int levels, bool isJson)
    {
        var text = new string('[', levels) + new string(']', levels);
        Assert.Equal(isJson, Scanned(text).EndsWith("end"));
        Assert.Equal(Read(text), Scanned(text));
    }

    static Gen<string> Value(int depth) =>
        depth == 0
            ? Gen.Elements("1", "-2.5E-7", "\"x\\\\y\\u0041\"", "true", "null", "\"\"", "0")
            : Gen.OneOf(
                Value(0),
                Value(depth - 1).ListOf().Select(of => $"[{string.Join(" , ", of.Take(4))}]"),
                Value(depth - 1)
                    .ListOf()
                    .Select(of =>
                        $"{{{string.Join(",", of.Take(4).Select((v, i) => $"\"n\\t{i}\" : {v}"))}}}"
                    )
            );

    static string Scanned(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var scanner = new JsonScanner(bytes);
        var found = new StringBuilder();
        while (scanner.Read())
        {
            found.Append(scanner.TokenType).Append('@').Append(scanner.TokenStartIndex).Append('=');
            if (scanner.TokenType is JsonTokenType.PropertyName or JsonTokenType.String)
                found.Append(scanner.GetString());
            else if (scanner.TokenType is JsonTokenType.Number)
                found.Append(Encoding.UTF8.GetString(scanner.ValueSpan));
            found.Append(';');
        }
        return scanner.IsBroken ? "no" : found.Append("end").ToString();
    }

    static string Read(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var found = new StringBuilder();
        try
        {
            var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 64 });
            while (reader.Read())
            {
                found
                    .Append(reader.TokenType)
                    .Append('@')
                    .Append(reader.TokenStartIndex)
                    .Append('=');
                if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String)
                    found.Append(reader.GetString());
                else if (reader.TokenType is JsonTokenType.Number)
                    found.Append(Encoding.UTF8.GetString(reader.ValueSpan));
                found.Append(';');
            }
            return found.Append("end").ToString();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "no";
        }
    }
}
