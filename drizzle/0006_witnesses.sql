CREATE TABLE "cosignatures" (
	"size" bigint NOT NULL,
	"witness" text NOT NULL,
	"key_id" text NOT NULL,
	"at" bigint NOT NULL,
	"line" text NOT NULL,
	CONSTRAINT "cosignatures_size_witness_key_id_pk" PRIMARY KEY("size","witness","key_id")
);
--> statement-breakpoint
CREATE TABLE "witnessed" (
	"origin" text PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"root" "bytea" NOT NULL,
	"note" text
);
--> statement-breakpoint
-- What others signed of us is never changed or taken away; what we have cosigned of others moves on.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cosignatures FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON cosignatures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
GRANT SELECT, INSERT ON cosignatures TO suyuan_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON witnessed TO suyuan_app;
