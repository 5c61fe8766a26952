-- A snapshot of the windows has megabytes. Comparing whole rows as JSON cost a second for each batch, and
-- compressing the state as long again: the guard of its key stays, asked only where the key changes.
DROP TRIGGER append_only_columns ON siem.correlation_state;
CREATE TRIGGER append_only_columns BEFORE UPDATE ON siem.correlation_state
    FOR EACH ROW WHEN ((OLD.organisation_id, OLD.partition)
        IS DISTINCT FROM (NEW.organisation_id, NEW.partition))
    EXECUTE FUNCTION access.refuse_other_columns('batch_number', 'policy_set_sha256', 'state');
ALTER TABLE siem.correlation_state ENABLE ALWAYS TRIGGER append_only_columns;
ALTER TABLE siem.correlation_state ALTER COLUMN state SET STORAGE EXTERNAL;

-- A raw event is of the source of its batch: one reference says both, and is asked once for each row.
ALTER TABLE siem.batches ADD UNIQUE (organisation_id, number, source_id);
ALTER TABLE siem.raw_events
    DROP CONSTRAINT raw_events_organisation_id_source_id_fkey,
    DROP CONSTRAINT raw_events_organisation_id_batch_number_fkey,
    ADD FOREIGN KEY (organisation_id, batch_number, source_id)
        REFERENCES siem.batches (organisation_id, number, source_id);
