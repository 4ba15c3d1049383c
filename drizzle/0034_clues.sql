ALTER TABLE "scan_findings" RENAME TO "clue_findings";--> statement-breakpoint
ALTER TABLE "clue_findings" RENAME COLUMN "scans" TO "count";--> statement-breakpoint
ALTER TABLE "clue_findings" ADD COLUMN "thing" text;--> statement-breakpoint
UPDATE "clue_findings" f SET "thing" = e."epc" FROM "epcs" e WHERE e."unit" = f."unit";--> statement-breakpoint
ALTER TABLE "clue_findings" ALTER COLUMN "thing" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "clue_findings" DROP CONSTRAINT "scan_findings_unit_rule_case_id_pk";--> statement-breakpoint
DROP INDEX "scan_findings_found";--> statement-breakpoint
ALTER TABLE "clue_findings" DROP COLUMN "unit";--> statement-breakpoint
ALTER TABLE "clue_findings" ADD CONSTRAINT "clue_findings_thing_rule_case_id_pk" PRIMARY KEY("thing","rule","case_id");--> statement-breakpoint
CREATE INDEX "clue_findings_found" ON "clue_findings" USING btree ("found_at","thing");--> statement-breakpoint
ALTER INDEX "scan_findings_case" RENAME TO "clue_findings_case";--> statement-breakpoint
ALTER INDEX "scan_findings_checked" RENAME TO "clue_findings_checked";--> statement-breakpoint
ALTER TABLE "scan_cases" RENAME TO "clue_cases";--> statement-breakpoint
ALTER INDEX "scan_cases_pkey" RENAME TO "clue_cases_pkey";--> statement-breakpoint
ALTER INDEX "scan_cases_subject" RENAME TO "clue_cases_subject";--> statement-breakpoint
ALTER INDEX "scan_cases_opened" RENAME TO "clue_cases_opened";--> statement-breakpoint
ALTER TABLE "scan_case_links" RENAME TO "clue_case_links";--> statement-breakpoint
ALTER INDEX "scan_case_links_case_id_kind_value_pk" RENAME TO "clue_case_links_case_id_kind_value_pk";--> statement-breakpoint
ALTER INDEX "scan_case_links_value" RENAME TO "clue_case_links_value";--> statement-breakpoint
ALTER TABLE "reports" ADD COLUMN "forged" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "reports" ALTER COLUMN "forged" DROP DEFAULT;--> statement-breakpoint
CREATE INDEX "reports_epc" ON "reports" USING btree ("epc","at") WHERE epc IS NOT NULL;
