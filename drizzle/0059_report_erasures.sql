CREATE TABLE "report_erasures" (
	"n" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "report_erasures_n_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"report" text NOT NULL,
	"at" bigint NOT NULL,
	"by" text NOT NULL,
	"parts" text NOT NULL,
	"ground" text NOT NULL,
	"number" text
);
--> statement-breakpoint
CREATE INDEX "report_erasures_report" ON "report_erasures" USING btree ("report","n");--> statement-breakpoint
GRANT SELECT, INSERT ON report_erasures TO suyuan_app;
--> statement-breakpoint
GRANT UPDATE (contact, place, sealed, text) ON reports TO suyuan_app;
--> statement-breakpoint
GRANT DELETE ON report_photos TO suyuan_app;
