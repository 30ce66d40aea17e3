DROP TRIGGER audit_events_only_added ON audit_events;
DROP TRIGGER audit_chain_only_added ON audit_chain;
DROP FUNCTION refuse_audit_change();
