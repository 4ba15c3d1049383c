CREATE TABLE "scan_case_links" (
	"case_id" text NOT NULL,
	"kind" text NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "scan_case_links_case_id_kind_value_pk" PRIMARY KEY("case_id","kind","value")
);
--> statement-breakpoint
CREATE TABLE "scan_cases" (
	"id" text PRIMARY KEY NOT NULL,
	"rule" text NOT NULL,
	"severity" text NOT NULL,
	"party" text NOT NULL,
	"region" text NOT NULL,
	"gtin" text NOT NULL,
	"maker" text NOT NULL,
	"maker_region" text NOT NULL,
	"opened_at" bigint NOT NULL,
	"watch" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "scan_findings" (
	"unit" bigint NOT NULL,
	"rule" text NOT NULL,
	"case_id" text NOT NULL,
	"severity" text NOT NULL,
	"found_at" bigint NOT NULL,
	"first_at" bigint NOT NULL,
	"last_at" bigint NOT NULL,
	"scans" integer NOT NULL,
	"regions" text NOT NULL,
	"closed_at" bigint,
	"checked_at" bigint NOT NULL,
	CONSTRAINT "scan_findings_unit_rule_case_id_pk" PRIMARY KEY("unit","rule","case_id")
);
--> statement-breakpoint
CREATE INDEX "scan_case_links_value" ON "scan_case_links" USING btree ("kind","value");--> statement-breakpoint
CREATE INDEX "scan_cases_subject" ON "scan_cases" USING btree ("rule","party","gtin","opened_at");--> statement-breakpoint
CREATE INDEX "scan_cases_opened" ON "scan_cases" USING btree ("opened_at","id");--> statement-breakpoint
CREATE INDEX "scan_findings_found" ON "scan_findings" USING btree ("found_at","unit");--> statement-breakpoint
CREATE INDEX "scan_findings_case" ON "scan_findings" USING btree ("case_id");--> statement-breakpoint
CREATE INDEX "scan_findings_checked" ON "scan_findings" USING btree ("checked_at") WHERE closed_at IS NULL;--> statement-breakpoint
GRANT SELECT, INSERT ON scan_cases, scan_case_links TO suyuan_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON scan_findings TO suyuan_app;
