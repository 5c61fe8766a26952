namespace Sentinel.Policies.Model;

/// <summary>What a workflow may wait for of its case: only what changes with the case itself.</summary>
public static class CaseFields
{
    /// <summary>
    /// A new table. Severity is what a person decided last, else what was proposed; the owner is an e-mail address
    /// and absent where nobody owns the case; breached is false where the case has no clock.
    /// </summary>
    public static FieldTable CreateTable() =>
        new([
            ("case.type", FieldType.Text),
            ("case.status", FieldType.Text),
            ("case.severity", FieldType.Integer),
            ("case.confidence", FieldType.Integer),
            ("case.owner", FieldType.Text),
            ("case.queue", FieldType.Text),
            ("case.tags", FieldType.TextList),
            ("tasks.open", FieldType.Integer),
            ("tasks.done", FieldType.Integer),
            ("approvals.open", FieldType.Integer),
            ("evidence.count", FieldType.Integer),
            ("evidence.types", FieldType.TextList),
            ("sla.breached", FieldType.Boolean),
        ]);
}
