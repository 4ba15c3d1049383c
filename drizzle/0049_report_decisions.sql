CREATE TABLE "report_decisions" (
	"report" text PRIMARY KEY NOT NULL,
	"seq" bigint NOT NULL,
	"at" bigint NOT NULL,
	"outcome" text NOT NULL,
	"party" text NOT NULL
);
--> statement-breakpoint
DROP INDEX "report_steps_unfounded";--> statement-breakpoint
CREATE INDEX "report_decisions_unfounded" ON "report_decisions" USING btree ("at","report") WHERE outcome = 'unfounded';--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON report_decisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON report_decisions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
GRANT SELECT, INSERT ON report_decisions TO suyuan_app;
