using Sentinel.Policies.Model;

namespace Sentinel.Policies.Sigma;

/// <param name="Path">Relative to the folder that is imported.</param>
public sealed record SigmaFile(string Path, string Text);

/// <param name="Id">The rule's own id, where it has one.</param>
/// <param name="Reason">One sentence.</param>
public sealed record SkippedRule(string File, string? Id, string Reason);

/// <param name="Rules">How many rules and correlations there are, imported or not.</param>
/// <param name="Imported">How many of them are policies now, or parts of one.</param>
/// <param name="Texts">One for each policy, named like it, and perhaps the lists of placeholders.</param>
/// <param name="Skipped">What was not imported, and why.</param>
public sealed record SigmaImport(
    int Rules,
    int Imported,
    IReadOnlyList<PolicyText> Texts,
    IReadOnlyList<SkippedRule> Skipped
)
{
    /// <summary>Which rule each text is, by the text's path.</summary>
    internal IReadOnlyDictionary<string, SigmaHead> Heads { get; init; } =
        new Dictionary<string, SigmaHead>();

    /// <summary>Without the texts that have one of these diagnostics, which then are the reason.</summary>
    public SigmaImport Without(IReadOnlyList<Diagnostic> diagnostics)
    {
        var bad = diagnostics
            .Where(d => !d.IsWarning && Heads.ContainsKey(d.Path))
            .DistinctBy(d => d.Path)
            .ToDictionary(d => d.Path);
        return this with
        {
            Imported = Imported - bad.Count,
            Texts = [.. Texts.Where(t => !bad.ContainsKey(t.Path))],
            Skipped =
            [
                .. Skipped,
                .. bad.Values.Select(d => new SkippedRule(
                    Heads[d.Path].File,
                    Heads[d.Path].Id,
                    $"{d.Code} {d.Message}"
                )),
            ],
        };
    }
}

/// <summary>Sigma rules as policy texts: start here. Never throws on any text.</summary>
public sealed class ImportSigma
{
    readonly SigmaDocuments documents;
    readonly Placeholders placeholders;
    readonly HashSet<string> names = new(StringComparer.Ordinal);
    readonly HashSet<string> ids = new(StringComparer.OrdinalIgnoreCase);
    readonly Dictionary<string, SigmaHead> heads = new(StringComparer.Ordinal);
    readonly List<SkippedRule> skipped;

    ImportSigma(SigmaDocuments documents)
    {
        this.documents = documents;
        placeholders = new Placeholders(documents.Placeholders);
        skipped = [.. documents.Skipped];
    }

    /// <summary>
    /// Like <see cref="Run(IReadOnlyList{SigmaFile})"/>, without what does not pass the check together
    /// with these policies, whose sources make the events.
    /// </summary>
    public static SigmaImport Run(IReadOnlyList<SigmaFile> files, IReadOnlyList<PolicyText> beside)
    {
        var import = Run(files);
        return
            Policy.Load([.. import.Texts, .. beside], EventFields.CreateTable())
                is PolicyLoad.Rejected rejected
            ? import.Without(rejected.Diagnostics)
            : import;
    }

    /// <summary>In the order of the files; the same files give the same texts.</summary>
    public static SigmaImport Run(IReadOnlyList<SigmaFile> files) =>
        new ImportSigma(SigmaDocuments.Read(files)).Run();

    SigmaImport Run()
    {
        List<SigmaRule> rules =
        [
            .. documents
                .Rules.Where(r => IsFirst(r.Head))
                .Select(r => placeholders.Fill(Filtered(r))),
        ];
        foreach (var filter in documents.Filters.Where(f => !documents.Rules.Exists(f.AppliesTo)))
            Skip(filter.Head, "the filter is about no rule here");
        var found = ById(rules);
        // What a correlation refers to is a part of it, unless it says otherwise.
        var parts = documents
            .Correlations.Where(c => !c.Generates)
            .SelectMany(c => c.Rules)
            .Select(r => found.GetValueOrDefault(r))
            .OfType<object>()
            .ToHashSet(ReferenceEqualityComparer.Instance);
        List<object> alone =
        [
            .. ((IEnumerable<object>)[.. rules, .. documents.Correlations]).Where(d =>
                !parts.Contains(d)
            ),
        ];
        var texts = WriteAll(alone, found);
        var all = documents.Rules.Count + documents.Correlations.Count;
        if (placeholders.WriteLists() is { } lists)
            texts.Add(new PolicyText("placeholders.sentinel", lists));
        return new SigmaImport(
            all + documents.Skipped.Count,
            all - (skipped.Count - documents.Skipped.Count),
            texts,
            skipped
        )
        {
            Heads = heads,
        };
    }

    /// <summary>No two rules have one id.</summary>
    bool IsFirst(SigmaHead head)
    {
        if (head.Id is null || ids.Add(head.Id))
            return true;
        Skip(head, "another rule has this id");
        return false;
    }

    SigmaRule Filtered(SigmaRule rule)
    {
        var number = 1;
        foreach (var filter in documents.Filters.Where(f => f.AppliesTo(rule)))
            rule = filter.ApplyTo(rule, number++);
        return rule;
    }

    Dictionary<string, object> ById(List<SigmaRule> rules)
    {
        var found = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var rule in rules)
            Add(rule.Head, rule);
        foreach (var correlation in documents.Correlations)
            Add(correlation.Head, correlation);
        return found;

        void Add(SigmaHead head, object of)
        {
            if (head.Id is { } id)
                found.TryAdd(id, of);
            if (head.Name is { } name)
                found.TryAdd(name, of);
        }
    }

    List<PolicyText> WriteAll(List<object> alone, Dictionary<string, object> found)
    {
        var named = alone.ConvertAll(d => (Document: d, Name: NameOf(HeadOf(d))));
        var written = new (string? Text, string? Reason)[named.Count];
        Parallel.For(
            0,
            named.Count,
            i =>
            {
                var problem = new SigmaProblem();
                var text = named[i].Document is SigmaRule rule
                    ? RuleWriter.Write(rule, named[i].Name, problem)
                    : new CorrelationWriter(
                        (SigmaCorrelation)named[i].Document,
                        found.GetValueOrDefault,
                        problem
                    ).Write(named[i].Name);
                written[i] = text is null
                    ? (null, problem.Reason)
                    : Laid(named[i].Name, text, problem);
            }
        );
        var texts = new List<PolicyText>();
        foreach (var ((document, name), (text, reason)) in named.Zip(written))
            if (text is null || reason is not null)
                Skip(HeadOf(document), reason ?? "it cannot be written");
            else
            {
                texts.Add(new PolicyText($"{name}.sentinel", text));
                heads.Add($"{name}.sentinel", HeadOf(document));
            }
        return texts;
    }

    /// <summary>In the one way to write a policy; a text that cannot be read is not imported.</summary>
    static (string? Text, string? Reason) Laid(string name, string text, SigmaProblem problem) =>
        PolicyFormat.Of(new PolicyText($"{name}.sentinel", text)) switch
        {
            PolicyFormat.Formatted formatted => (formatted.Text, problem.Reason),
            PolicyFormat.Rejected rejected => (
                null,
                problem.Reason
                    ?? $"{rejected.Diagnostics[0].Code} {rejected.Diagnostics[0].Message}"
            ),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    static SigmaHead HeadOf(object document) =>
        document is SigmaRule rule ? rule.Head : ((SigmaCorrelation)document).Head;

    string NameOf(SigmaHead head)
    {
        var name = PolicyWords.Name(Path.GetFileNameWithoutExtension(head.File), names);
        names.Add(name);
        return name;
    }

    void Skip(SigmaHead head, string reason) =>
        skipped.Add(new SkippedRule(head.File, head.Id, reason));
}
