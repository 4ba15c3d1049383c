CREATE TABLE "batch_jobs" (
	"id" text PRIMARY KEY NOT NULL,
	"party" text NOT NULL,
	"idempotency_key" text NOT NULL,
	"request" "bytea" NOT NULL,
	"body" jsonb NOT NULL,
	"created_at" bigint NOT NULL,
	"lot" text NOT NULL,
	"total" integer NOT NULL,
	"state" text NOT NULL,
	"error" text,
	"lease_until" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "batch_serials" (
	"batch" text NOT NULL,
	"part" integer NOT NULL,
	"serials" jsonb NOT NULL,
	CONSTRAINT "batch_serials_batch_part_pk" PRIMARY KEY("batch","part")
);
--> statement-breakpoint
CREATE TABLE "certificates" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"number" text NOT NULL,
	"issuer" text NOT NULL,
	"holder" text NOT NULL,
	"status" text NOT NULL,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "client_secrets" (
	"client" text PRIMARY KEY NOT NULL,
	"hmac" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "clients" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"party" text NOT NULL,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "delegations" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"grantor" text NOT NULL,
	"grantee" text NOT NULL,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "entries" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"digest" "bytea" NOT NULL,
	"leaf" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "epcs" (
	"unit" bigint PRIMARY KEY NOT NULL,
	"epc" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "event_ids" (
	"id" "bytea" PRIMARY KEY NOT NULL,
	"seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "facts" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"payload" text NOT NULL,
	"salt" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "finding_closings" (
	"unit" bigint NOT NULL,
	"rule" text NOT NULL,
	"opened" bigint NOT NULL,
	"one" bigint NOT NULL,
	"other" bigint NOT NULL,
	"closed" bigint NOT NULL,
	CONSTRAINT "finding_closings_unit_rule_one_other_opened_pk" PRIMARY KEY("unit","rule","one","other","opened")
);
--> statement-breakpoint
CREATE TABLE "findings" (
	"unit" bigint NOT NULL,
	"rule" text NOT NULL,
	"opened" bigint NOT NULL,
	"one" bigint NOT NULL,
	"other" bigint NOT NULL,
	"severity" text NOT NULL,
	CONSTRAINT "findings_unit_rule_one_other_opened_pk" PRIMARY KEY("unit","rule","one","other","opened")
);
--> statement-breakpoint
CREATE TABLE "followers" (
	"name" text PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "head" (
	"id" smallint PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"at" bigint NOT NULL,
	"leaf" "bytea" NOT NULL,
	"frontier" "bytea" NOT NULL,
	"next_unit" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "hops" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"recorded_at" bigint NOT NULL,
	"hop" text NOT NULL,
	"recorder" text NOT NULL,
	"as_role" text NOT NULL,
	"time_from" bigint NOT NULL,
	"time_until" bigint NOT NULL,
	"zone" smallint NOT NULL,
	"giver" text,
	"taker" text,
	"transfer" text,
	"place" text,
	"to_place" text,
	"outcome" text,
	"note" text,
	"target" bigint,
	"next_due" bigint,
	"parent" bigint,
	"parts" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency" (
	"key" "bytea" PRIMARY KEY NOT NULL,
	"request" "bytea" NOT NULL,
	"seq" bigint NOT NULL,
	"facts" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "issues" (
	"first_unit" bigint PRIMARY KEY NOT NULL,
	"last_unit" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"batch" text NOT NULL,
	"gtin" text,
	"lot" text,
	"kid" text NOT NULL,
	"ours" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "keys" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"kid" text NOT NULL,
	"purpose" text NOT NULL,
	"party" text NOT NULL,
	"status" text NOT NULL,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "master_key_check" (
	"id" smallint PRIMARY KEY NOT NULL,
	"check_value" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "owners" (
	"identifier" text PRIMARY KEY NOT NULL,
	"party" text NOT NULL,
	"seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "parties" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"stub" boolean NOT NULL,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "places" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"party" text NOT NULL,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "policies" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "private_keys" (
	"kid" text PRIMARY KEY NOT NULL,
	"wrapped" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "privates" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"value" text,
	"salt" "bytea",
	"hash" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "products" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"gtin" text NOT NULL,
	"party" text NOT NULL,
	"category" text NOT NULL,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "quantities" (
	"unit" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"i" integer NOT NULL,
	"position" smallint NOT NULL,
	"amount" bigint NOT NULL,
	"uom" text NOT NULL,
	CONSTRAINT "quantities_unit_seq_i_pk" PRIMARY KEY("unit","seq","i")
);
--> statement-breakpoint
CREATE TABLE "read_audit" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "read_audit_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" bigint NOT NULL,
	"party" text NOT NULL,
	"client" text NOT NULL,
	"route" text NOT NULL,
	"subject" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "scans" (
	"unit" bigint NOT NULL,
	"device" "bytea" NOT NULL,
	"at" bigint NOT NULL,
	"verdict" text NOT NULL,
	"region" text,
	"robot" boolean NOT NULL,
	"own" boolean NOT NULL,
	CONSTRAINT "scans_unit_device_pk" PRIMARY KEY("unit","device")
);
--> statement-breakpoint
CREATE TABLE "tiles" (
	"level" smallint NOT NULL,
	"n" bigint NOT NULL,
	"hashes" "bytea" NOT NULL,
	CONSTRAINT "tiles_level_n_pk" PRIMARY KEY("level","n")
);
--> statement-breakpoint
CREATE TABLE "unit_chain" (
	"unit" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"n" integer NOT NULL,
	"position" smallint NOT NULL,
	"link" "bytea" NOT NULL,
	CONSTRAINT "unit_chain_unit_n_pk" PRIMARY KEY("unit","n")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "batch_jobs_key" ON "batch_jobs" USING btree ("party","idempotency_key");--> statement-breakpoint
CREATE INDEX "batch_jobs_lot" ON "batch_jobs" USING btree ("lot","created_at");--> statement-breakpoint
CREATE INDEX "batch_jobs_running" ON "batch_jobs" USING btree ("created_at") WHERE state = 'running';--> statement-breakpoint
CREATE INDEX "certificates_id" ON "certificates" USING btree ("id","seq");--> statement-breakpoint
CREATE INDEX "certificates_number" ON "certificates" USING btree ("number");--> statement-breakpoint
CREATE INDEX "certificates_holder" ON "certificates" USING btree ("holder");--> statement-breakpoint
CREATE INDEX "certificates_issuer" ON "certificates" USING btree ("issuer");--> statement-breakpoint
CREATE INDEX "certificates_gtins" ON "certificates" USING gin (("body" -> 'gtins'));--> statement-breakpoint
CREATE INDEX "clients_id" ON "clients" USING btree ("id","seq");--> statement-breakpoint
CREATE INDEX "clients_party" ON "clients" USING btree ("party");--> statement-breakpoint
CREATE INDEX "delegations_id" ON "delegations" USING btree ("id","seq");--> statement-breakpoint
CREATE INDEX "delegations_grantee" ON "delegations" USING btree ("grantee");--> statement-breakpoint
CREATE INDEX "delegations_grantor" ON "delegations" USING btree ("grantor");--> statement-breakpoint
CREATE UNIQUE INDEX "epcs_epc" ON "epcs" USING btree ("epc");--> statement-breakpoint
CREATE INDEX "findings_opened" ON "findings" USING btree ("opened");--> statement-breakpoint
CREATE INDEX "issues_lot" ON "issues" USING btree ("lot","first_unit");--> statement-breakpoint
CREATE INDEX "issues_batch" ON "issues" USING btree ("batch","first_unit");--> statement-breakpoint
CREATE INDEX "keys_kid" ON "keys" USING btree ("kid","seq");--> statement-breakpoint
CREATE INDEX "keys_party" ON "keys" USING btree ("party");--> statement-breakpoint
CREATE UNIQUE INDEX "keys_kid_once" ON "keys" USING btree ("kid") WHERE status = 'active';--> statement-breakpoint
CREATE UNIQUE INDEX "keys_x_once" ON "keys" USING btree ((body ->> 'x')) WHERE status = 'active';--> statement-breakpoint
CREATE INDEX "owners_party" ON "owners" USING btree ("party","identifier");--> statement-breakpoint
CREATE INDEX "owners_seq" ON "owners" USING btree ("seq");--> statement-breakpoint
CREATE INDEX "parties_id" ON "parties" USING btree ("id","seq");--> statement-breakpoint
CREATE INDEX "places_id" ON "places" USING btree ("id","seq");--> statement-breakpoint
CREATE INDEX "places_party" ON "places" USING btree ("party");--> statement-breakpoint
CREATE INDEX "products_gtin" ON "products" USING btree ("gtin","seq");--> statement-breakpoint
CREATE INDEX "products_party" ON "products" USING btree ("party");--> statement-breakpoint
CREATE INDEX "read_audit_at" ON "read_audit" USING brin ("at");--> statement-breakpoint
CREATE INDEX "scans_at" ON "scans" USING brin ("at");--> statement-breakpoint
CREATE INDEX "unit_chain_seq" ON "unit_chain" USING brin ("seq") WITH (pages_per_range=16);