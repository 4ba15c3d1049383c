DROP INDEX "cases_subject";--> statement-breakpoint
ALTER TABLE "cases" ADD COLUMN "sample" text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX "hops_samplings" ON "hops" USING btree ("seq") WHERE hop = 'inspect' AND as_role = 'regulator' AND note IS NOT NULL;--> statement-breakpoint
CREATE INDEX "cases_subject" ON "cases" USING btree ("rule","party","gtin","sample","opened");--> statement-breakpoint
-- What counts as a supervision sample changed, and each has a case of its own: findings are derived again.
SELECT derive_findings_again();
