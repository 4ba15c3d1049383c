CREATE TABLE "heads" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"root" "bytea" NOT NULL,
	"count" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "heads_buckets" (
	"bucket" integer PRIMARY KEY NOT NULL,
	"records" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "heads_state" (
	"id" smallint PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"count" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "heads_tiles" (
	"level" smallint NOT NULL,
	"n" smallint NOT NULL,
	"hashes" "bytea" NOT NULL,
	CONSTRAINT "heads_tiles_level_n_pk" PRIMARY KEY("level","n")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "heads_size" ON "heads" USING btree ("size");
--> statement-breakpoint
-- What the log said is never changed or taken away.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON heads FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON heads FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
-- Hashes cannot be made smaller, so nobody need try.
ALTER TABLE heads_buckets ALTER COLUMN records SET STORAGE EXTERNAL;
--> statement-breakpoint
ALTER TABLE heads_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;
--> statement-breakpoint
GRANT SELECT, INSERT ON heads TO suyuan_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON heads_state, heads_buckets, heads_tiles TO suyuan_app;
