using Sentinel.Policies.Model;

namespace Sentinel.Siem.Normalisation;

/// <summary>
/// The sources that read one format. Which of them accept a record follows mostly from a few members,
/// such as the program, and is remembered for those.
/// </summary>
sealed class FormatGroup
{
    // Members that differ on every record: who asks them is asked each time.
    static readonly string[] Various = ["message", "pid"];
    static readonly bool?[] None = [];

    readonly SourceReader[] sources;
    readonly RecordForms forms;
    readonly RecordFormat format;
    readonly bool[] isAskedEachTime;
    readonly ValueMemo<bool?[]> memo;
    readonly Func<bool?[]> ask;
    bool?[]? answers;

    public FormatGroup(SourceReader[] sources, RecordForms forms)
    {
        this.sources = sources;
        this.forms = forms;
        format = sources[0].Source.Format;
        isAskedEachTime =
        [
            .. sources.Select(s =>
                s.Source.Accepts.Any(c => c.Reads.Any(f => Various.Contains(f.Name)))
            ),
        ];
        var slots = sources
            .Where((_, i) => !isAskedEachTime[i])
            .SelectMany(s => s.SlotsOf(s.Source.Accepts));
        memo = new ValueMemo<bool?[]>([.. slots.Distinct().Order()]);
        ask = () => [.. sources.Select((s, i) => isAskedEachTime[i] ? (bool?)null : s.Accepts())];
    }

    public int PlaceOf(SourceReader source) => Array.IndexOf(sources, source);

    public void Begin() => answers = null;

    /// <summary>Whether the source in this place takes the record.</summary>
    public bool Accepts(int place)
    {
        answers ??= forms.Has(format) ? memo.Of(forms.Of(format), ask) : None;
        return answers.Length > 0 && (answers[place] ?? sources[place].Accepts());
    }
}
