namespace Sentinel.Policies.Model;

/// <summary>
/// What a source may read of a record before it is an event. Syslog and Text have a closed set of
/// members; the others are open: whatever a policy names is declared, as text, and read by name.
/// </summary>
public static class RecordFields
{
    public static FieldTable CreateTable(RecordFormat format) =>
        format switch
        {
            RecordFormat.Syslog => new([
                ("host", FieldType.Text),
                ("program", FieldType.Text),
                ("pid", FieldType.Integer),
                ("message", FieldType.Text),
                ("msgid", FieldType.Text),
                ("facility", FieldType.Integer),
                ("syslog_severity", FieldType.Integer),
                ("source_system", FieldType.Text),
                ("file_name", FieldType.Text),
            ]),
            RecordFormat.Text => new([
                ("message", FieldType.Text),
                ("source_system", FieldType.Text),
                ("file_name", FieldType.Text),
            ]),
            RecordFormat.Json or RecordFormat.KeyValue or RecordFormat.Cef => new([
                ("source_system", FieldType.Text),
                ("file_name", FieldType.Text),
            ]),
        };

    public static bool IsOpen(RecordFormat format) =>
        format switch
        {
            RecordFormat.Syslog or RecordFormat.Text => false,
            RecordFormat.Json or RecordFormat.KeyValue or RecordFormat.Cef => true,
        };
}
