-- A queue is made on first use: by whoever opens cases, and by whoever may send a case to one.
CREATE FUNCTION psa.guard_case_queue() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NOT pg_has_role(current_user, 'sentinel_owner', 'MEMBER') AND NOT access.permitted('case.assign') THEN
        PERFORM psa.require('case.open');
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER a_guard ON psa.queues;
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON psa.queues
    FOR EACH ROW EXECUTE FUNCTION psa.guard_case_queue();
ALTER TABLE psa.queues ENABLE ALWAYS TRIGGER a_guard;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA psa FROM PUBLIC;
