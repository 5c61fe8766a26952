using Sentinel.Policies.Model;

namespace Sentinel.Siem.Normalisation;

/// <summary>
/// Which members of an open record are which fields. It looks at the members that are there, which are
/// few, and not at those that some rule might ask for.
/// </summary>
sealed class OpenRecord
{
    readonly RecordMembers record;
    readonly (Field Field, int Rank)[]?[] fieldsOf;
    readonly int rankCount;

    public OpenRecord(IReadOnlyList<MemberMap> members, RecordMembers record)
    {
        this.record = record;
        fieldsOf = new (Field, int)[]?[record.SlotsCount];
        var ranks = new Dictionary<string, int>();
        foreach (var map in members)
        {
            // The first of several members that are one field goes before the others.
            var rank = ranks[map.Field.Name] = ranks.GetValueOrDefault(map.Field.Name, -1) + 1;
            ref var fields = ref fieldsOf[record.SlotOf(map.Path)];
            fields = [.. fields ?? [], (map.Field, rank)];
            rankCount = Math.Max(rankCount, rank + 1);
        }
    }

    /// <summary>Sets what the source's own maps have not set.</summary>
    public void Read(LazyValues values, TimeReader times)
    {
        for (var rank = 0; rank < rankCount; rank++)
            foreach (var slot in record.Marked)
            foreach (var (field, own) in fieldsOf[slot] ?? [])
                if (own == rank && values.At(field.Ordinal).Form == ValueForm.Absent)
                    MapReader.Read(record, slot, field, values, times);
    }
}
