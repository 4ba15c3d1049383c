CREATE TABLE "notices" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "notices_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"party" text NOT NULL,
	"at" bigint NOT NULL,
	"kind" text NOT NULL,
	"seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "order_acknowledgements" (
	"order_id" text NOT NULL,
	"party" text NOT NULL,
	"seq" bigint NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "order_acknowledgements_order_id_party_pk" PRIMARY KEY("order_id","party")
);
--> statement-breakpoint
CREATE TABLE "order_changes" (
	"seq" bigint NOT NULL,
	"entry" bigint NOT NULL,
	"unit" bigint NOT NULL,
	"change" text NOT NULL,
	CONSTRAINT "order_changes_seq_entry_unit_pk" PRIMARY KEY("seq","entry","unit")
);
--> statement-breakpoint
CREATE TABLE "order_rolls" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"phase" text NOT NULL,
	"position" bigint NOT NULL,
	"level" smallint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "order_things" (
	"seq" bigint NOT NULL,
	"unit" bigint NOT NULL,
	"i" integer NOT NULL,
	"level" smallint NOT NULL,
	"fate" text NOT NULL,
	"holder" text,
	"uom" text NOT NULL,
	"amount" bigint NOT NULL,
	CONSTRAINT "order_things_seq_unit_i_pk" PRIMARY KEY("seq","unit","i")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "notices_once" ON "notices" USING btree ("party","kind","seq");--> statement-breakpoint
CREATE INDEX "notices_party" ON "notices" USING btree ("party","id");--> statement-breakpoint
CREATE INDEX "notices_seq" ON "notices" USING btree ("seq");--> statement-breakpoint
CREATE INDEX "order_things_unit" ON "order_things" USING btree ("unit");--> statement-breakpoint
CREATE INDEX "order_things_holder" ON "order_things" USING btree ("seq","holder");--> statement-breakpoint
CREATE INDEX "issues_gtin" ON "issues" USING btree ("gtin","first_unit");
--> statement-breakpoint
-- What was acknowledged is never changed or taken away.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON order_acknowledgements FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON order_acknowledgements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
GRANT SELECT, INSERT ON order_acknowledgements, order_changes, notices TO suyuan_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON order_rolls TO suyuan_app;
--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON order_things TO suyuan_app;
