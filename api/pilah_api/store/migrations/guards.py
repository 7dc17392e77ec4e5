"""Triggers that make the audit append-only, in the dialect of each database; frozen with the step that made them."""

from __future__ import annotations

_SQLITE = (
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
    # REPLACE would otherwise overwrite a record.
    "CREATE TRIGGER audit_in_order BEFORE INSERT ON audit "
    "WHEN NEW.seq IS NOT (SELECT COALESCE(MAX(seq), 0) + 1 FROM audit) "
    "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
)

_POSTGRESQL = (
    "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$",
    "CREATE FUNCTION audit_check_order() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF NEW.seq IS DISTINCT FROM (SELECT COALESCE(MAX(seq), 0) + 1 FROM audit) "
    "THEN RAISE EXCEPTION 'the audit is append-only'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_in_order BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_check_order()",
)

GUARDS = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
"""Statements that create the guards, by database."""

GUARD_NAMES = {
    "sqlite": frozenset({"audit_no_update", "audit_no_delete", "audit_in_order"}),
    "postgresql": frozenset({"audit_no_update", "audit_no_delete", "audit_no_truncate", "audit_in_order"}),
}
"""Names of the triggers that must be there, by database."""
