using System.Runtime.CompilerServices;

namespace Sentinel.IntegrationTests.Support;

/// <summary>
/// Compares a text with the approved one beside the test, in its folder <c>Approved</c>. With
/// <c>SENTINEL_APPROVE=1</c> the text is written there instead, for a person to read in the diff.
/// </summary>
static class Approved
{
    public static void Check(
        string name,
        IEnumerable<string> lines,
        [CallerFilePath] string testFile = ""
    )
    {
        var file = Path.Combine(Path.GetDirectoryName(testFile)!, "Approved", name + ".txt");
        var received = lines.ToList();
        if (Environment.GetEnvironmentVariable("SENTINEL_APPROVE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, string.Concat(received.Select(line => line + "\n")));
            return;
        }
        string[] approved = File.Exists(file) ? File.ReadAllLines(file) : [];
        var differences = Differences(approved, received);
        Assert.True(
            differences.Count == 0,
            $"{file} approves something else; if this is meant, run the test with "
                + $"SENTINEL_APPROVE=1 and say why in the commit:\n{string.Join('\n', differences)}"
        );
    }

    public static IReadOnlyList<string> Differences(
        IReadOnlyList<string> approved,
        IReadOnlyList<string> received
    ) =>
        [
            .. received.Except(approved).Select(line => "+ " + line),
            .. approved.Except(received).Select(line => "- " + line),
        ];
}
