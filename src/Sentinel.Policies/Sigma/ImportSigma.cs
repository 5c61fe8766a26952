using Sentinel.Policies.Model;

namespace Sentinel.Policies.Sigma;

/// <param name="Path">Relative to the folder that is imported.</param>
public sealed record SigmaFile(string Path, string Text);

/// <param name="Id">The rule's own id, where it has one.</param>
/// <param name="Reason">One sentence.</param>
public sealed record SkippedRule(string File, string? Id, string Reason);

/// <param name="Rules">How many rules the files have, imported or not.</param>
/// <param name="Texts">One for each rule, named like it.</param>
/// <param name="Skipped">What was not imported, and why.</param>
public sealed record SigmaImport(
    int Rules,
    IReadOnlyList<PolicyText> Texts,
    IReadOnlyList<SkippedRule> Skipped
);

/// <summary>Sigma rules as policy texts; never throws on any text.</summary>
public static class ImportSigma
{
    /// <summary>In the order of the files; the same files give the same texts.</summary>
    public static SigmaImport Run(IReadOnlyList<SigmaFile> files)
    {
        var read = new FileRules[files.Count];
        Parallel.For(0, files.Count, i => read[i] = FileRules.Read(files[i]));
        var skipped = new List<SkippedRule>(read.SelectMany(r => r.Skipped));
        var names = new HashSet<string>(StringComparer.Ordinal);
        var named = new List<(SigmaRule Rule, string Name)>();
        foreach (var rule in read.SelectMany(r => r.Rules))
        {
            var name = PolicyWords.Name(NameOf(rule.Head), names);
            names.Add(name);
            named.Add((rule, name));
        }
        var written = new (PolicyText? Text, string? Reason)[named.Count];
        Parallel.For(0, named.Count, i => written[i] = Write(named[i].Rule, named[i].Name));
        foreach (var ((rule, _), (_, reason)) in named.Zip(written))
            if (reason is not null)
                skipped.Add(new SkippedRule(rule.Head.File, rule.Head.Id, reason));
        return new SigmaImport(
            named.Count + read.Sum(r => r.Skipped.Count),
            [.. written.Select(w => w.Text).OfType<PolicyText>()],
            skipped
        );
    }

    static (PolicyText? Text, string? Reason) Write(SigmaRule rule, string name)
    {
        var problem = new SigmaProblem();
        var text = new RuleWriter(rule, name, problem).Write();
        return text is null
            ? (null, problem.Reason)
            : (new PolicyText($"{name}.sentinel", text), null);
    }

    static string NameOf(SigmaHead head) => Path.GetFileNameWithoutExtension(head.File);
}

/// <summary>What one file of YAML holds.</summary>
sealed record FileRules(IReadOnlyList<SigmaRule> Rules, IReadOnlyList<SkippedRule> Skipped)
{
    public static FileRules Read(SigmaFile file)
    {
        var documents = YamlReader.Read(file.Text, out var reason);
        if (reason is not null)
            return new FileRules([], [new SkippedRule(file.Path, null, reason)]);
        var rules = new List<SigmaRule>();
        var skipped = new List<SkippedRule>();
        foreach (var document in documents)
        {
            var problem = new SigmaProblem();
            if (document is not YamlNode.Mapping map)
                skipped.Add(new SkippedRule(file.Path, null, "a document that is no mapping"));
            else if (
                RuleReader.ReadHead(map, file.Path, problem) is { } head
                && RuleReader.Read(map, head, problem) is { } rule
            )
                rules.Add(rule);
            else
                skipped.Add(new SkippedRule(file.Path, map.TextOf("id"), problem.Reason!));
        }
        return new FileRules(rules, skipped);
    }
}
