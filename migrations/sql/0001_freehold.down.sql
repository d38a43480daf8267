-- The schema itself and freehold.migrations belong to the migrator and stay.
DROP TABLE freehold.ledger_marks;
DROP TABLE freehold.sealed_journals;
DROP TABLE freehold.ledger_seals;
DROP TABLE freehold.approvals;
DROP TABLE freehold.approval_requests;
DROP TABLE freehold.outbox;
DROP TABLE freehold.outbox_heads;
DROP TABLE freehold.idempotency;
DROP FUNCTION freehold.refuse_change();
DROP FUNCTION freehold.soft_delete_row();
DROP FUNCTION freehold.soft_delete();
DROP FUNCTION freehold.audit_trigger_function();
