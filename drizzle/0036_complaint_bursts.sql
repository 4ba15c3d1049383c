ALTER TABLE "clue_findings" ADD COLUMN "expected" double precision;--> statement-breakpoint
ALTER TABLE "clue_findings" ADD COLUMN "needed" integer;--> statement-breakpoint
ALTER TABLE "clue_cases" ADD COLUMN "district" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "clue_cases" ALTER COLUMN "district" DROP DEFAULT;--> statement-breakpoint
DROP INDEX "clue_cases_subject";--> statement-breakpoint
CREATE INDEX "clue_cases_subject" ON "clue_cases" USING btree ("rule","party","gtin","district","opened_at");--> statement-breakpoint
ALTER TABLE "reports" ADD COLUMN "district" text;--> statement-breakpoint
UPDATE "reports" SET "district" = CASE WHEN substr("region", 3, 2) = '90' THEN "region" ELSE left("region", 4) || '00' END;--> statement-breakpoint
ALTER TABLE "reports" ALTER COLUMN "district" SET NOT NULL;--> statement-breakpoint
-- Of reports received before, nobody knows which came from one address: none counts.
ALTER TABLE "reports" ADD COLUMN "counts" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "reports" ALTER COLUMN "counts" DROP DEFAULT;--> statement-breakpoint
CREATE INDEX "reports_counting" ON "reports" USING btree ("at","gtin","district","id") WHERE counts;--> statement-breakpoint
CREATE INDEX "reports_cell" ON "reports" USING btree ("gtin","district","at") WHERE counts;
