namespace Sentinel.Policies.Sigma;

/// <summary>What files of YAML hold, sorted by kind, each kind in its order.</summary>
sealed class SigmaDocuments
{
    public List<SigmaRule> Rules { get; } = [];
    public List<SigmaCorrelation> Correlations { get; } = [];
    public List<SigmaFilter> Filters { get; } = [];
    public Dictionary<string, IReadOnlyList<string>> Placeholders { get; } = [];
    public List<SkippedRule> Skipped { get; } = [];

    public static SigmaDocuments Read(IReadOnlyList<SigmaFile> files)
    {
        var each = new SigmaDocuments[files.Count];
        Parallel.For(0, files.Count, i => each[i] = ReadFile(files[i]));
        var all = new SigmaDocuments();
        foreach (var one in each)
        {
            all.Rules.AddRange(one.Rules);
            all.Correlations.AddRange(one.Correlations);
            all.Filters.AddRange(one.Filters);
            all.Skipped.AddRange(one.Skipped);
            foreach (var (name, values) in one.Placeholders)
                all.Placeholders[name] = values;
        }
        return all;
    }

    static SigmaDocuments ReadFile(SigmaFile file)
    {
        var documents = new SigmaDocuments();
        var nodes = YamlReader.Read(file.Text, out var reason);
        if (reason is not null)
            documents.Skipped.Add(new SkippedRule(file.Path, null, reason));
        // The first documents of old collections say what is the same in all that follow.
        YamlNode.Mapping? common = null;
        foreach (var node in nodes)
            if (node is not YamlNode.Mapping map)
                documents.Skip(file, null, "a document that is no mapping");
            else if (map.TextOf("action") == "global")
                common = map;
            else if (map["vars"] is YamlNode.Mapping placeholders)
                foreach (var (name, _) in placeholders.Entries)
                    documents.Placeholders[name] = placeholders.Texts(name);
            else
                documents.Add(file, common is null ? map : common.With(map));
        return documents;
    }

    void Add(SigmaFile file, YamlNode.Mapping map)
    {
        var problem = new SigmaProblem();
        if (RuleReader.ReadHead(map, file.Path, problem) is { } head)
        {
            if (map["correlation"] is not null)
                Add(Correlations, CorrelationReader.Read(map, head, problem), problem);
            else if (map["filter"] is YamlNode.Mapping)
                Add(Filters, SigmaFilter.Read(map, head, problem), problem);
            else
                Add(Rules, RuleReader.Read(map, head, problem), problem);
        }
        if (problem.Reason is { } reason)
            Skip(file, map.TextOf("id"), reason);
    }

    static void Add<T>(List<T> to, T? read, SigmaProblem problem)
        where T : class
    {
        if (read is not null && problem.Reason is null)
            to.Add(read);
    }

    void Skip(SigmaFile file, string? id, string reason) =>
        Skipped.Add(new SkippedRule(file.Path, id, reason));
}
