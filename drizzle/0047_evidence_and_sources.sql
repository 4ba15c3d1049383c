-- An address as it is compared: of one prefecture, in NFKC and lower case, without what spellings differ in, as far as an
-- index holds it; null where none is told. It depends on no locale.
CREATE FUNCTION address_key(body jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  left(body ->> 'region', 4) || '/' || nullif(left(translate(lower(normalize(body ->> 'address', NFKC)), ' ,.-_/|#()[]:;"~·、。•—–', ''), 200), '');--> statement-breakpoint
CREATE TABLE "stray_scans" (
	"gtin" text NOT NULL,
	"device" "bytea" NOT NULL,
	"at" bigint NOT NULL,
	"code" "bytea" NOT NULL,
	"region" text,
	"forged" boolean NOT NULL,
	CONSTRAINT "stray_scans_gtin_device_pk" PRIMARY KEY("gtin","device")
);
--> statement-breakpoint
DROP INDEX "cases_subject";--> statement-breakpoint
ALTER TABLE "cases" ADD COLUMN "sample" text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX "stray_scans_at" ON "stray_scans" USING brin ("at");--> statement-breakpoint
CREATE INDEX "hops_samplings" ON "hops" USING btree ("seq") WHERE hop = 'inspect' AND as_role = 'regulator' AND note IS NOT NULL;--> statement-breakpoint
CREATE INDEX "parties_address" ON "parties" USING btree (address_key(body));--> statement-breakpoint
CREATE INDEX "places_address" ON "places" USING btree (address_key(body));--> statement-breakpoint
CREATE INDEX "cases_subject" ON "cases" USING btree ("rule","party","gtin","sample","opened");--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON stray_scans TO suyuan_app;--> statement-breakpoint
-- What counts as a supervision sample changed, and each has a case of its own: findings are derived again.
SELECT derive_findings_again();
