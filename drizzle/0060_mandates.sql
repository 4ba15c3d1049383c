CREATE TABLE "mandates" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"id" text NOT NULL,
	"act" text NOT NULL,
	"party" text NOT NULL,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "read_audit" ADD COLUMN "mandate" text;--> statement-breakpoint
CREATE UNIQUE INDEX "mandates_acts" ON "mandates" USING btree ("id","act");--> statement-breakpoint
CREATE INDEX "mandates_asked" ON "mandates" USING btree ("party","seq") WHERE act = 'asked';--> statement-breakpoint
CREATE INDEX "read_audit_mandate" ON "read_audit" USING btree ("mandate","id") WHERE mandate IS NOT NULL;--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mandates FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON mandates FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
GRANT SELECT, INSERT ON mandates TO suyuan_app;
