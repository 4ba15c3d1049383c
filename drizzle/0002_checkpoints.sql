CREATE TABLE "checkpoints" (
	"size" bigint PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"root" "bytea" NOT NULL,
	"note" text NOT NULL
);
--> statement-breakpoint
-- What was signed in public is never changed or taken away.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON checkpoints FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
GRANT SELECT, INSERT ON checkpoints TO suyuan_app;
