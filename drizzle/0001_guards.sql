-- A code can be issued once: runs of internal numbers never overlap.
ALTER TABLE issues ADD CONSTRAINT issues_once EXCLUDE USING gist (int8range(first_unit, last_unit, '[]') WITH &&);
--> statement-breakpoint
-- What the log commits to, and what follows from it, is never changed or taken away.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
--> statement-breakpoint
-- Personal data may be erased, its hash never: the one change that is allowed takes value and salt away.
CREATE FUNCTION refuse_change_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.seq = OLD.seq AND NEW.hash = OLD.hash AND NEW.value IS NULL AND NEW.salt IS NULL THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'table % is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
--> statement-breakpoint
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
    'entries', 'facts',
    'epcs', 'unit_chain', 'tiles', 'policies', 'parties', 'owners', 'places', 'products', 'delegations',
    'certificates', 'clients', 'keys', 'issues', 'hops', 'quantities', 'event_ids', 'findings', 'finding_closings'
  ] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO suyuan_app', name);
  END LOOP;
END
$$;
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON privates FOR EACH ROW EXECUTE FUNCTION refuse_change_but_erasure();
--> statement-breakpoint
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON privates FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE (value, salt) ON privates TO suyuan_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON head, followers, master_key_check, batch_jobs TO suyuan_app;
--> statement-breakpoint
GRANT SELECT, INSERT ON idempotency, read_audit TO suyuan_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON client_secrets, private_keys TO suyuan_app;
--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON batch_serials, scans TO suyuan_app;
