using System.Globalization;
using System.Security.Cryptography;

namespace Sentinel.Cli.Benchmarks;

/// <summary>A hit as text that can be compared: the rule's key, and the line that completed it.</summary>
readonly record struct ExpectedHit(string Key, long Line);

/// <summary>
/// Lines of an SSH server drawn by a seed: guessers in bursts, people who mistype, and what the daemon says
/// beside. Remembers what it wrote, so that the hits follow from the numbers and not from the text.
/// </summary>
sealed class SshInput(int lines, int seed)
{
    public const string PolicyText = """
        source bench.sshd
          accepts syslog where program == "sshd"
          line "Failed password for [invalid user ]{user} from {source_ip:ip} port {source_port:int} ssh2"
            is auth.login_failed severity 4 outcome failure
          line "Accepted {method:word} for {user} from {source_ip:ip} port {source_port:int} ssh2"
            is auth.login_succeeded severity 1 outcome success
          otherwise is other.unparsed

        rule bench_ssh_guessing
          "Ten failures in five minutes, then a success"
          attack T1110.001
          severity 7
          let failed = event auth.login_failed
          let login = event auth.login_succeeded
          sequence by source_ip within 10m
            failed at least 10 times within 5m
            then login within 5m
          confidence 60
          raises bench_brute_force "{count(failed)} failures from {source_ip}"
          test "nine failures are not enough"
            at 00:00 "Failed password for root from 198.51.100.9 port 4711 ssh2" 9 times every 5s
            at 01:00 "Accepted password for root from 198.51.100.9 port 4711 ssh2"
            expect nothing
          test "ten are"
            at 00:00 "Failed password for root from 198.51.100.9 port 4711 ssh2" 10 times every 5s
            at 01:00 "Accepted password for root from 198.51.100.9 port 4711 ssh2"
            expect 1 finding
        """;

    const int Failures = 10;
    const int WindowSeconds = 300;
    const int AddressesCount = 20_000;
    const int GuessersCount = 12;

    static readonly string[] Users =
    [
        "root",
        "admin",
        "oracle",
        "git",
        "amy",
        "bea",
        "cleo",
        "test",
    ];

    readonly Dictionary<int, List<int>> failures = [];
    readonly List<ExpectedHit> hits = [];

    /// <summary>By line.</summary>
    public IReadOnlyList<ExpectedHit> Hits => hits;

    /// <summary>Writes the file; its SHA-256.</summary>
    public string Write(string path)
    {
        var random = new Random(seed);
        var start = new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc);
        using var text = new StreamWriter(path) { NewLine = "\n" };
        var second = 0;
        for (var line = 1; line <= lines; line++)
        {
            second += random.Next(5) == 0 ? 1 : 0;
            var at = start.AddSeconds(second);
            // A few guess much for an hour, many mistype now and then.
            var guesser = second / 3600 * GuessersCount + random.Next(GuessersCount);
            var who = random.Next(3) == 0 ? guesser % AddressesCount : random.Next(AddressesCount);
            var message = Message(random, who, second, line);
            text.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{at:MMM} {at.Day, 2} {at:HH:mm:ss} web-{random.Next(9)} sshd[{random.Next(400, 32000)}]: {message}"
                )
            );
        }
        text.Close();
        using var written = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(written));
    }

    string Message(Random random, int who, int second, int line)
    {
        var address = AddressOf(who);
        var user = Users[random.Next(Users.Length)];
        var port = random.Next(1024, 65536);
        switch (random.Next(20))
        {
            case < 12:
                Fail(who, second);
                var unknown = random.Next(3) == 0 ? "invalid user " : "";
                return $"Failed password for {unknown}{user} from {address} port {port} ssh2";
            case 12:
                Succeed(who, second, line);
                return $"Accepted password for {user} from {address} port {port} ssh2";
            case < 16:
                return $"Connection closed by {address} port {port} [preauth]";
            case < 18:
                return $"pam_unix(sshd:session): session opened for user {user} by (uid=0)";
            default:
                return $"Received disconnect from {address} port {port}:11: Bye Bye [preauth]";
        }
    }

    static string AddressOf(int who) =>
        $"198.{18 + (who >> 14)}.{(who >> 7) & 127}.{(who & 127) + 1}";

    void Fail(int who, int second)
    {
        if (!failures.TryGetValue(who, out var seconds))
            failures.Add(who, seconds = []);
        seconds.Add(second);
    }

    /// <summary>
    /// A hit where ten failures lie within five minutes, the last of them less than five minutes ago.
    /// </summary>
    void Succeed(int who, int second, int line)
    {
        var seconds = failures.GetValueOrDefault(who) ?? [];
        for (var last = seconds.Count - 1; last >= Failures - 1; last--)
        {
            if (second - seconds[last] >= WindowSeconds)
                return;
            if (seconds[last] - seconds[last - Failures + 1] >= WindowSeconds)
                continue;
            hits.Add(new ExpectedHit(AddressOf(who), line));
            return;
        }
    }
}
