-- Who else reads: the auditor what is of his organisation, a backup everything, the workers what they
-- must find, and a replay only what was received and what was known then. A replay that could see
-- hits, findings or packages would prove nothing.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['sources', 'source_activity', 'inputs', 'policy_sets', 'batches',
        'raw_events', 'ingest_failures', 'assets', 'identities', 'legal_holds', 'events', 'event_tags',
        'event_enrichment', 'archived_days', 'correlation_rules', 'rule_activations',
        'correlation_state', 'siem_findings', 'correlation_hits', 'hit_settlements', 'finding_events',
        'evidence_packages', 'escalation_decisions', 'outbox', 'escalation_receipts'] LOOP
        EXECUTE format('GRANT SELECT ON siem.%I TO auditor, backup', name);
        CALL access.across_organisations(('siem.' || name)::regclass, 'backup',
            'a dump holds every organisation');
    END LOOP;
    FOREACH name IN ARRAY ARRAY['sources', 'inputs', 'policy_sets', 'batches', 'raw_events', 'events',
        'event_tags', 'event_enrichment'] LOOP
        EXECUTE format('GRANT SELECT ON siem.%I TO replay', name);
        CALL access.across_organisations(('siem.' || name)::regclass, 'replay',
            'derives again what any organisation received');
    END LOOP;
    FOREACH name IN ARRAY ARRAY['sources', 'source_activity', 'siem_findings', 'escalation_decisions',
        'outbox'] LOOP
        CALL access.across_organisations(('siem.' || name)::regclass, 'jobs',
            'finds work of every organisation; does it with the organisation''s own credential');
    END LOOP;
END $$;

GRANT SELECT (organisation_id, id, name) ON siem.sources TO jobs;
GRANT SELECT (organisation_id, source_id, declaration, last_received_at) ON siem.source_activity TO jobs;
GRANT SELECT (organisation_id, id, status) ON siem.siem_findings TO jobs;
GRANT SELECT (organisation_id, finding_id) ON siem.escalation_decisions TO jobs;
GRANT SELECT (organisation_id, escalation_id, attempts, last_error, next_attempt_at, delivered_at),
    UPDATE (attempts, last_error, next_attempt_at) ON siem.outbox TO jobs;
