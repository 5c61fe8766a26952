using System.Text;
using BenchmarkDotNet.Attributes;
using Sentinel.Policies;
using Sentinel.Policies.Matching;
using Sentinel.Policies.Model;

namespace Sentinel.Benchmarks;

/// <summary>
/// Process creations against many rules: asked together, and each rule by itself. Rules and events are drawn
/// by a seed; nearly no event is taken.
/// </summary>
[MemoryDiagnoser]
public class MatchBenchmarks
{
    const int EventsCount = 1000;

    readonly List<Made> events = [];
    EventSelector[] selectors = [];
    SelectorMatcher matcher = null!;

    [Params(100, 1000, 3000)]
    public int RulesCount { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var chance = new Random(7);
        const string source = """
            source made.processes
              accepts json where process exists
              otherwise is process.started severity 1
            """;
        var texts = Enumerable
            .Range(0, RulesCount)
            .Select(i => Rule(i, chance))
            .Prepend(source)
            .Select((text, i) => new PolicyText($"{i}.sentinel", text));
        var load = Policy.Load(texts, EventFields.CreateTable());
        if (load is PolicyLoad.Rejected rejected)
            throw new InvalidOperationException(string.Join('\n', rejected.Diagnostics.Take(5)));
        var policy = ((PolicyLoad.Loaded)load).Policy;
        selectors = [.. policy.Rules.SelectMany(r => r.Pattern.Selectors)];
        matcher = new SelectorIndex(selectors).NewMatcher();
        for (var i = 0; i < EventsCount; i++)
            events.Add(new Made(policy.Fields, Program(chance), Line(chance), Program(chance)));
    }

    [Benchmark(OperationsPerInvoke = EventsCount)]
    public int Together()
    {
        var taken = 0;
        foreach (var made in events)
            taken += matcher.Match("process", "started", made).Length;
        return taken;
    }

    [Benchmark(OperationsPerInvoke = EventsCount, Baseline = true)]
    public int EachAlone()
    {
        var taken = 0;
        foreach (var made in events)
        foreach (var selector in selectors)
            if (selector.Conditions.All(c => c.Holds(made)))
                taken++;
        return taken;
    }

    static string Rule(int number, Random chance) =>
        $"""
            rule made_{number}
              "Made"
              severity 3
              let found = event process.started
                where process_name endswith ('{Program(chance)}', '{Program(chance)}')
                and command_line contains all ('{Word(chance)}', '{Word(chance)} {Word(chance)}')
                and not parent_process endswith '{Program(chance)}'
              each found
              confidence 50
              raises made "Made"
            """;

    static string Line(Random chance) =>
        Program(chance) + string.Concat(Enumerable.Range(0, 12).Select(_ => " " + Word(chance)));

    static string Program(Random chance) => $@"\{Word(chance)}.exe";

    // Some words are common, most are rare.
    static string Word(Random chance)
    {
        var rank = (int)Math.Pow(5000, chance.NextDouble());
        return new string([.. Enumerable.Range(0, 4 + rank % 5).Select(i => Letter(rank, i))]);
    }

    static char Letter(int rank, int place) => (char)('a' + (rank * (place + 7) + rank / 26) % 26);

    sealed class Made : IFieldValues
    {
        readonly byte[]?[] texts;

        public Made(FieldTable fields, string image, string line, string parent)
        {
            texts = new byte[fields.Count][];
            Set("process_name", @"C:\Windows\System32" + image);
            Set("command_line", line);
            Set("parent_process", @"C:\Windows" + parent);

            void Set(string name, string text) =>
                texts[fields.Find(name)!.Ordinal] = Encoding.UTF8.GetBytes(text);
        }

        public object? this[int ordinal] =>
            texts[ordinal] is { } text ? Encoding.UTF8.GetString(text) : null;

        public IEnumerable<object> Everything => texts.OfType<object>();

        public bool TryGetUtf8(int ordinal, out ReadOnlySpan<byte> utf8)
        {
            utf8 = texts[ordinal];
            return texts[ordinal] is not null;
        }
    }
}
