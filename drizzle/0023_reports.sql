CREATE TABLE "report_counts" (
	"device" "bytea" PRIMARY KEY NOT NULL,
	"count" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "report_steps" (
	"report" text NOT NULL,
	"n" integer NOT NULL,
	"at" bigint NOT NULL,
	"state" text NOT NULL,
	"answer" text,
	"by" text NOT NULL,
	CONSTRAINT "report_steps_report_n_pk" PRIMARY KEY("report","n")
);
--> statement-breakpoint
CREATE TABLE "reports" (
	"id" text PRIMARY KEY NOT NULL,
	"receipt" "bytea" NOT NULL,
	"at" bigint NOT NULL,
	"category" text NOT NULL,
	"text" text NOT NULL,
	"region" text NOT NULL,
	"place" text,
	"code" text,
	"epc" text,
	"gtin" text,
	"contact" text
);
--> statement-breakpoint
CREATE UNIQUE INDEX "reports_receipt" ON "reports" USING btree ("receipt");--> statement-breakpoint
CREATE INDEX "reports_at" ON "reports" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "reports_region" ON "reports" USING btree ("region","at");
--> statement-breakpoint
GRANT SELECT, INSERT ON reports, report_steps TO suyuan_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON report_counts TO suyuan_app;
