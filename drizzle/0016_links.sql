CREATE TABLE "links" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"party" text NOT NULL,
	"anchor" text NOT NULL,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
CREATE INDEX "links_id" ON "links" USING btree ("id","seq");--> statement-breakpoint
CREATE INDEX "links_anchor" ON "links" USING btree ("anchor","seq");--> statement-breakpoint
CREATE INDEX "links_party" ON "links" USING btree ("party","id","seq");--> statement-breakpoint
-- What was said is never changed or taken away: a link is taken back by a version that says so.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON links FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON links FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
GRANT SELECT, INSERT ON links TO suyuan_app;
