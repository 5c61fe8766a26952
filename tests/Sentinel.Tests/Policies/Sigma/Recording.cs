using System.Text.Json;
using Sentinel.Policies.Sigma;
using YamlDotNet.RepresentationModel;

namespace Sentinel.Tests.Policies.Sigma;

/// <summary>Events that must fire a rule, as Sigma's own regression tests have them.</summary>
sealed record Recording(SigmaFile Rule, IReadOnlyList<string> Events, int AtLeast)
{
    public static IReadOnlyList<Recording> All()
    {
        var rules = SigmaCorpus.Rules();
        var recordings = SigmaCorpus.Folder("sigma-regression");
        return
        [
            .. Directory
                .EnumerateFiles(recordings, "*.json", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(file => new Recording(RuleOf(rules, file), EventsOf(file), CountOf(file))),
        ];
    }

    static SigmaFile RuleOf(IReadOnlyList<SigmaFile> rules, string file)
    {
        var id = Path.GetFileNameWithoutExtension(file);
        return rules.First(r => r.Text.Contains($"\nid: {id}", StringComparison.Ordinal));
    }

    static List<string> EventsOf(string file)
    {
        var bytes = File.ReadAllBytes(file);
        var events = new List<string>();
        var reader = new Utf8JsonReader(
            bytes,
            new JsonReaderOptions { AllowMultipleValues = true }
        );
        while (reader.Read())
            events.Add(JsonDocument.ParseValue(ref reader).RootElement.GetRawText());
        return [.. events.Select(e => e.ReplaceLineEndings(" "))];
    }

    static int CountOf(string file)
    {
        var stream = new YamlStream();
        stream.Load(
            new StringReader(
                File.ReadAllText(Path.Combine(Path.GetDirectoryName(file)!, "info.yml"))
            )
        );
        return stream
                .Documents[0]
                .AllNodes.OfType<YamlMappingNode>()
                .SelectMany(m => m.Children)
                .Where(e => e.Key.ToString() == "match_count")
                .Select(e => (int?)int.Parse(e.Value.ToString()))
                .FirstOrDefault()
            ?? 1;
    }
}
