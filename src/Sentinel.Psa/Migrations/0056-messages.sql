-- Who works a case does not always look at it: mail, webhooks and chats are connectors that take messages. A
-- message is asked for, sent, tried again and proved like any other request; it needs no task, and is no work.
ALTER TABLE psa.connectors
    ADD COLUMN sender text CHECK (length(sender) BETWEEN 3 AND 254),
    DROP CONSTRAINT connectors_kind_check,
    ADD CONSTRAINT connectors_kind_check
        CHECK (kind IN ('rmm', 'edr', 'scan', 'mail', 'webhook', 'chat')),
    DROP CONSTRAINT connectors_url_check,
    ADD CONSTRAINT connectors_url_check CHECK (length(url) <= 500
        AND url ~ CASE kind WHEN 'mail' THEN '^smtps?://' ELSE '^https?://' END),
    ADD CONSTRAINT connectors_mail_check CHECK ((kind = 'mail') = (sender IS NOT NULL));
COMMENT ON COLUMN psa.connectors.sender IS 'the address from which mail comes';
CALL access.guard_columns('psa');

ALTER TABLE psa.outbound_actions
    ALTER COLUMN task_id DROP NOT NULL,
    ADD FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id);
COMMENT ON COLUMN psa.outbound_actions.task_id IS 'null for a message';

CREATE OR REPLACE FUNCTION psa.guard_outbound() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require('task.act');
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    IF TG_OP = 'UPDATE' THEN
        IF NEW.status <> OLD.status THEN
            PERFORM psa.require_arrow('outbound', OLD.status, NEW.status);
        ELSIF OLD.ended_at IS NOT NULL THEN
            PERFORM psa.refuse('outbound.ended', 'what has ended does not change', 'nobody: ask again');
        END IF;
        RETURN NEW;
    END IF;
    PERFORM psa.require_self('asked_by', NEW.asked_by);
    IF NEW.status <> 'asked' THEN
        PERFORM psa.refuse('outbound.arrow', 'what is asked of a connector begins as asked', 'nobody');
    ELSIF (NEW.task_id IS NULL) <> EXISTS (SELECT FROM psa.connectors
        WHERE organisation_id = NEW.organisation_id AND id = NEW.connector_id
          AND kind IN ('mail', 'webhook', 'chat')) THEN
        PERFORM psa.refuse('outbound.kind', 'what acts is asked for a task, and a message is sent for none',
            'the same person, with a connector of the other kind');
    ELSIF NEW.task_id IS NOT NULL AND NOT EXISTS (SELECT FROM psa.tasks
        WHERE organisation_id = NEW.organisation_id AND id = NEW.task_id AND status = 'running') THEN
        PERFORM psa.refuse('outbound.not_running', 'a connector is asked while the task is running',
            'the assignee starts the task first');
    END IF;
    -- Who asks a tool to act has acted: it is work of theirs.
    IF NEW.task_id IS NOT NULL THEN
        PERFORM psa.require_attestable(NEW.organisation_id, NEW.case_id,
            array_remove(ARRAY[access.actor_id(), access.on_behalf_of()], NULL));
    END IF;
    PERFORM pg_notify('sentinel_outbound', NEW.id::text);
    RETURN NEW;
END $$;
DROP TRIGGER note_work ON psa.outbound_actions;
CREATE TRIGGER note_work AFTER INSERT ON psa.outbound_actions
    FOR EACH ROW WHEN (NEW.task_id IS NOT NULL) EXECUTE FUNCTION psa.note_work('task_action');
ALTER TABLE psa.outbound_actions ENABLE ALWAYS TRIGGER note_work;
