using System.Globalization;

namespace Sentinel.Policies.Sigma;

/// <summary>The maps and lists below a search identifier, with their modifiers.</summary>
sealed class DetectionReader(SigmaProblem problem)
{
    static readonly Dictionary<string, SigmaOperation> operations = new()
    {
        ["contains"] = SigmaOperation.Contains,
        ["startswith"] = SigmaOperation.StartsWith,
        ["endswith"] = SigmaOperation.EndsWith,
        ["re"] = SigmaOperation.Regex,
        ["cidr"] = SigmaOperation.Cidr,
        ["exists"] = SigmaOperation.Exists,
        ["lt"] = SigmaOperation.Less,
        ["lte"] = SigmaOperation.LessOrEqual,
        ["gt"] = SigmaOperation.Greater,
        ["gte"] = SigmaOperation.GreaterOrEqual,
        ["fieldref"] = SigmaOperation.FieldReference,
    };

    static readonly string[] transformations =
    [
        "windash",
        "wide",
        "utf16le",
        "utf16be",
        "utf16",
        "base64",
        "base64offset",
    ];

    static readonly string[] timeParts = ["minute", "hour", "day", "week", "month", "year"];

    public SigmaMatch? Read(YamlNode node) =>
        node switch
        {
            YamlNode.Mapping map => Joined(
                [.. map.Entries.Select(ReadEntry)],
                of => new SigmaMatch.All(of)
            ),
            YamlNode.Sequence list => ReadList(list),
            YamlNode.Scalar scalar => ReadList(new YamlNode.Sequence(scalar.Line, [scalar], 2)),
            _ => null,
        };

    SigmaMatch? ReadList(YamlNode.Sequence list)
    {
        List<YamlNode> keywords = [.. list.Items.Where(i => i is YamlNode.Scalar)];
        List<SigmaMatch?> of = [.. list.Items.Where(i => i is not YamlNode.Scalar).Select(Read)];
        if (keywords.Count > 0)
            of.Add(ReadTest("", new YamlNode.Sequence(list.Line, keywords, keywords.Count + 1)));
        return Joined(of, any => new SigmaMatch.Any(any));
    }

    SigmaMatch? Joined(List<SigmaMatch?> of, Func<List<SigmaMatch>, SigmaMatch> join)
    {
        if (of.Count == 0)
            return problem.Add<SigmaMatch>("a search identifier asks for nothing");
        return of.Contains(null) ? null
            : of.Count == 1 ? of[0]
            : join([.. of.OfType<SigmaMatch>()]);
    }

    SigmaMatch? ReadEntry(KeyValuePair<string, YamlNode> entry) => ReadTest(entry.Key, entry.Value);

    SigmaMatch? ReadTest(string key, YamlNode node)
    {
        var parts = key.Split('|');
        IReadOnlyList<YamlNode> items = node is YamlNode.Sequence list ? list.Items : [node];
        if (items.Count == 0)
            return problem.Add<SigmaMatch>($"'{key}' has no value");
        var values = new List<SigmaValue>();
        foreach (var item in items)
        {
            if (item is not YamlNode.Scalar scalar)
                return problem.Add<SigmaMatch>(
                    $"line {item.Line}: '{key}' has a value that is no scalar"
                );
            values.Add(Value(scalar));
        }
        SigmaTest? test = new SigmaTest(
            parts[0].Length == 0 ? null : parts[0],
            SigmaOperation.Equal,
            values
        );
        foreach (var modifier in parts.Skip(1))
            test = test is null ? null : Modify(test, modifier);
        return test is null || !IsSensible(test, key) ? null : new SigmaMatch.Test(test);
    }

    SigmaTest? Modify(SigmaTest test, string modifier)
    {
        if (operations.TryGetValue(modifier, out var operation))
            return operation == SigmaOperation.FieldReference
                    ? test with
                    {
                        Operation = operation,
                        Comparing = test.Operation,
                    }
                : test.Operation == SigmaOperation.FieldReference
                    ? test with
                    {
                        Comparing = operation,
                    }
                : test.Operation is SigmaOperation.Equal ? test with { Operation = operation }
                : problem.Add<SigmaTest>(
                    $"the modifiers {test.Operation} and {modifier} do not go together"
                );
        if (transformations.Contains(modifier))
            return test with { Transformations = [.. test.Transformations, modifier] };
        if (timeParts.Contains(modifier))
            return test with { TimePart = modifier };
        return modifier switch
        {
            "all" => test with { All = true },
            "cased" => test with { Cased = true },
            "neq" => test with { Differs = true },
            "expand" => test with { Expand = true },
            "i" or "ignorecase" => test with { Flags = test.Flags + "i" },
            "m" or "multiline" => test with { Flags = test.Flags + "m" },
            "s" or "dotall" => test with { Flags = test.Flags + "s" },
            _ => problem.Add<SigmaTest>($"the modifier '{modifier}' is not known"),
        };
    }

    bool IsSensible(SigmaTest test, string key)
    {
        if (test.Flags.Length > 0 && test.Operation != SigmaOperation.Regex)
            problem.Add<SigmaTest>($"'{key}' has flags of a regular expression and is none");
        var encodes = test.Transformations.Any(t =>
            t.StartsWith("base64", StringComparison.Ordinal)
        );
        var order = test.Transformations.Select(t => Array.IndexOf(transformations, t)).ToList();
        if (!order.SequenceEqual(order.Order()))
            problem.Add<SigmaTest>($"'{key}' transforms in an order that has no meaning");
        if (
            encodes
            && test.Values.Any(v => v is SigmaValue.TextValue t && WildText.Of(t.Value).HasWild)
        )
            problem.Add<SigmaTest>($"'{key}' encodes a wildcard, which then is none");
        if (test.Operation == SigmaOperation.Exists && test.Values is not [SigmaValue.TruthValue])
            problem.Add<SigmaTest>($"'{key}' is asked for neither true nor false");
        return problem.Reason is null;
    }

    static SigmaValue Value(YamlNode.Scalar scalar) =>
        scalar.IsNull ? new SigmaValue.NoValue()
        : scalar.Quoted ? new SigmaValue.TextValue(scalar.Text)
        : IsNumber(scalar.Text) ? new SigmaValue.NumberValue(scalar.Text)
        : scalar.Text is "true" or "True" or "TRUE" ? new SigmaValue.TruthValue(true)
        : scalar.Text is "false" or "False" or "FALSE" ? new SigmaValue.TruthValue(false)
        : new SigmaValue.TextValue(scalar.Text);

    static bool IsNumber(string text) =>
        (char.IsAsciiDigit(text[0]) || text[0] == '-')
        && double.TryParse(
            text,
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out _
        );
}
