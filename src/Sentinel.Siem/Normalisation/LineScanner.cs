namespace Sentinel.Siem.Normalisation;

/// <summary>
/// All templates of a source as one: the beginnings of all stand in one tree, and walking a line down it
/// leaves the few templates that the line can still match, in their order.
/// </summary>
sealed class LineScanner
{
    // As much as tells templates apart; the matcher looks at all of it.
    const int BeginningBytesMax = 64;

    readonly LineMatcher[] matchers;
    readonly BeginningNode root;

    public LineScanner(IEnumerable<LineMatcher> templates)
    {
        matchers = [.. templates];
        var open = Enumerable.Range(0, matchers.Length).Where(i => matchers[i].Beginnings is null);
        root = new BeginningNode([.. open]);
        for (var i = 0; i < matchers.Length; i++)
            foreach (var beginning in matchers[i].Beginnings ?? [])
                root.Add(beginning.AsSpan(0, Math.Min(beginning.Length, BeginningBytesMax)), i);
        root.Spread();
    }

    /// <summary>
    /// The number of the first template that matches the line, or else the rest behind its time; -1 for none.
    /// </summary>
    public int Match(
        ReadOnlySpan<byte> line,
        int start,
        ReadOnlySpan<byte> rest,
        int restStart,
        LazyValues values,
        TimeReader times
    )
    {
        var ofLine = root.Walk(line);
        // Where no time stands before it, the rest is the line.
        if (rest.IsEmpty || rest.Length == line.Length)
        {
            foreach (var i in ofLine)
                if (matchers[i].Match(line, start, values, times))
                    return i;
            return -1;
        }
        var ofRest = root.Walk(rest);
        for (int l = 0, r = 0; l < ofLine.Length || r < ofRest.Length; )
        {
            var i = Math.Min(At(ofLine, l), At(ofRest, r));
            if (At(ofLine, l) == i)
            {
                l++;
                if (matchers[i].Match(line, start, values, times))
                    return i;
            }
            if (At(ofRest, r) == i)
            {
                r++;
                if (matchers[i].Match(rest, restStart, values, times))
                    return i;
            }
        }
        return -1;
    }

    static int At(int[] places, int at) => at < places.Length ? places[at] : int.MaxValue;

    sealed class BeginningNode(int[] own)
    {
        readonly Dictionary<byte, BeginningNode> children = [];
        BeginningNode?[]? table;
        int[] templates = own;

        public void Add(ReadOnlySpan<byte> beginning, int template)
        {
            if (beginning.IsEmpty)
            {
                templates = [.. templates, template];
                return;
            }
            if (!children.TryGetValue(beginning[0], out var child))
                children.Add(beginning[0], child = new BeginningNode([]));
            child.Add(beginning[1..], template);
        }

        /// <summary>What fits a beginning fits whatever goes on from it.</summary>
        public void Spread()
        {
            templates = [.. templates.Distinct().Order()];
            table = children.Count == 0 ? null : new BeginningNode?[256];
            foreach (var (symbol, child) in children)
            {
                child.templates = [.. child.templates, .. templates];
                child.Spread();
                table![symbol] = child;
            }
        }

        public int[] Walk(ReadOnlySpan<byte> line)
        {
            var node = this;
            foreach (var symbol in line)
            {
                if (node.table is null || node.table[symbol] is not { } child)
                    break;
                node = child;
            }
            return node.templates;
        }
    }
}
