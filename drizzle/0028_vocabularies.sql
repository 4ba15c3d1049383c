CREATE TABLE "vocabularies" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"party" text NOT NULL,
	"vocabulary" text NOT NULL,
	"name" text NOT NULL,
	"content" text NOT NULL
);
--> statement-breakpoint
CREATE INDEX "vocabularies_name" ON "vocabularies" USING btree ("name","party","vocabulary","seq");--> statement-breakpoint
CREATE INDEX "vocabularies_party" ON "vocabularies" USING btree ("party","seq");--> statement-breakpoint
-- What was said is never changed or taken away: who says otherwise says so anew.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON vocabularies FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON vocabularies FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
GRANT SELECT, INSERT ON vocabularies TO suyuan_app;
