CREATE TABLE "best_befores" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"day" text NOT NULL
);
--> statement-breakpoint
DO $$
BEGIN
  CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON best_befores FOR EACH ROW EXECUTE FUNCTION refuse_change();
  CREATE TRIGGER no_truncate BEFORE TRUNCATE ON best_befores FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
  GRANT SELECT, INSERT ON best_befores TO suyuan_app;
END
$$;
--> statement-breakpoint
-- Of what was recorded before: as core/events/event-record.ts reads it.
INSERT INTO best_befores (seq, day)
SELECT seq, day FROM (
  SELECT seq, payload::jsonb -> 'ilmd' ->> 'cbvmda:bestBeforeDate' AS day FROM facts
  WHERE kind = 'event' AND payload LIKE '%"cbvmda:bestBeforeDate"%') told
WHERE day ~ '^\d{4}-\d{2}-\d{2}$';
--> statement-breakpoint
-- What nobody follows up is looked at again when its time runs out, and there are rules for numbers that nobody issued, for what
-- is dated before an order, for services overdue, for what is past its best and for goods that need a certificate: findings are
-- derived again.
SELECT derive_findings_again();
