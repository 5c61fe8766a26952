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
                s.Source.Accepts.SelectMany(c => c.Tree.Leaves).Any(l => IsVarious(l.Predicate))
            ),
        ];
        memo = new ValueMemo<bool?[]>(
            sources
                .Where((_, i) => !isAskedEachTime[i])
                .SelectMany(s => s.View.AskedBy(s.Source.Accepts)),
            forms.Of(format).SlotsCount
        );
        ask = () => [.. sources.Select((s, i) => isAskedEachTime[i] ? (bool?)null : s.Accepts())];
    }

    static bool IsVarious(Predicate predicate) =>
        predicate.Field is not { } field
        || Various.Contains(field.Name) && predicate.Asked is not PredicateTest.IsPresent;

    public int PlaceOf(SourceReader source) => Array.IndexOf(sources, source);

    public void Begin() => answers = null;

    /// <summary>Whether the source in this place takes the record.</summary>
    public bool Accepts(int place)
    {
        answers ??= forms.Has(format) ? memo.Of(forms.Of(format), ask) : None;
        return answers.Length > 0 && (answers[place] ?? sources[place].Accepts());
    }
}
