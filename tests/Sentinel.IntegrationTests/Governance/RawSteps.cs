using Sentinel.Psa.Governance;

namespace Sentinel.IntegrationTests.Governance;

/// <summary>Each step as somebody would type it past the service. $1 is the case, $2 the row, $3 whom it names.</summary>
static class RawSteps
{
    public static string Sql(ReferenceAct act) =>
        act switch
        {
            ReferenceAct.TakeIt => """
                UPDATE psa.cases SET status = 'in_progress', responded_at = now(), owner_id = access.actor_id()
                WHERE id = $1
                """,
            ReferenceAct.DisposeIt => """
                INSERT INTO psa.case_dispositions
                VALUES (gen_random_uuid(), access.organisation_id(), $1, 'benign', 'raw', access.actor_id(), now())
                """,
            ReferenceAct.ResolveIt => """
                UPDATE psa.cases SET status = 'resolved', resolved_at = now(), resolved_by = access.actor_id()
                WHERE id = $1
                """,
            ReferenceAct.AttestIt => """
                INSERT INTO psa.attestations
                    (id, organisation_id, case_id, attested_by, as_role, statement, attested_at)
                VALUES (gen_random_uuid(), access.organisation_id(), $1, access.actor_id(),
                    'incident_manager', 'raw', now())
                """,
            ReferenceAct.CloseIt => """
                UPDATE psa.cases SET status = 'closed', closed_at = now(), closed_by = access.actor_id()
                WHERE id = $1
                """,
            ReferenceAct.AttachSomething => """
                INSERT INTO psa.evidence_items (id, organisation_id, case_id, evidence_type, source_system, title,
                    hash, stored_uri, attached_by, created_at)
                SELECT gen_random_uuid(), organisation_id, case_id, evidence_type, source_system, 'raw', hash,
                    stored_uri, access.actor_id(), now()
                FROM psa.evidence_items WHERE case_id = $1 LIMIT 1
                """,
            ReferenceAct.StartTask
            or ReferenceAct.RecordAction
            or ReferenceAct.WorkElsewhere
            or ReferenceAct.CompleteTask
            or ReferenceAct.CancelTask
            or ReferenceAct.AssignTask => OfTask(act),
            ReferenceAct.AskForApproval => """
                INSERT INTO psa.approvals (id, organisation_id, case_id, request, asked_by, asked_at)
                VALUES (gen_random_uuid(), access.organisation_id(), $1, 'raw?', access.actor_id(), now())
                """,
            ReferenceAct.ApproveIt => Decide("approved"),
            ReferenceAct.RefuseIt => Decide("refused"),
            ReferenceAct.WithdrawIt => Decide("withdrawn"),
            ReferenceAct.DelegateDuties => """
                INSERT INTO psa.delegations (id, organisation_id, delegator_id, delegate_id, valid_from,
                    valid_until, reason)
                VALUES (gen_random_uuid(), access.organisation_id(), access.actor_id(), $3, now(),
                    now() + interval '1 hour', 'raw')
                """,
            ReferenceAct.EndDelegation =>
                "UPDATE psa.delegations SET ended_at = now() WHERE id = $2",
            ReferenceAct.MergeWithOther => """
                INSERT INTO psa.case_relationships (id, organisation_id, parent_case_id, child_case_id,
                    relationship_type, reason, created_by, created_at)
                VALUES (gen_random_uuid(), access.organisation_id(), $1, $2, 'merged', 'raw',
                    access.actor_id(), now())
                """,
            ReferenceAct.UnmergeFromOther => """
                INSERT INTO psa.tombstones (id, organisation_id, entity_type, entity_id, case_id, reason,
                    created_by, created_at)
                SELECT gen_random_uuid(), organisation_id, 'case_relationship', id, child_case_id, 'raw',
                    access.actor_id(), now()
                FROM psa.case_relationships WHERE id = $2
                """,
            ReferenceAct.FollowOn => throw new ArgumentOutOfRangeException(nameof(act)),
        };

    static string OfTask(ReferenceAct act) =>
        act switch
        {
            ReferenceAct.StartTask => """
                UPDATE psa.tasks SET status = 'running', started_by = access.actor_id(), started_at = now(),
                    assigned_to = CASE WHEN access.actor_kind() = 'person'
                        THEN coalesce(assigned_to, access.actor_id()) ELSE assigned_to END
                WHERE id = $2
                """,
            ReferenceAct.RecordAction or ReferenceAct.WorkElsewhere => """
                INSERT INTO psa.task_actions (id, organisation_id, case_id, task_id, action_type, description,
                    performed_by, performed_at)
                SELECT gen_random_uuid(), organisation_id, case_id, id, 'called', 'raw', access.actor_id(), now()
                FROM psa.tasks WHERE id = $2
                """,
            ReferenceAct.CompleteTask => """
                UPDATE psa.tasks SET status = 'done', completed_by = access.actor_id(), completed_at = now()
                WHERE id = $2
                """,
            ReferenceAct.CancelTask => """
                UPDATE psa.tasks SET status = 'cancelled', cancel_reason = 'raw',
                    completed_by = access.actor_id(), completed_at = now()
                WHERE id = $2
                """,
            _ => "UPDATE psa.tasks SET assigned_to = $3 WHERE id = $2",
        };

    static string Decide(string status) =>
        $"""
            UPDATE psa.approvals SET status = '{status}', decided_by = access.actor_id(), decided_at = now(),
                reason = 'raw'
            WHERE id = $2
            """;
}
