CREATE TABLE "report_keys" (
	"n" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "report_keys_n_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"party" text NOT NULL,
	"at" bigint NOT NULL,
	"kid" text NOT NULL,
	"x" text NOT NULL,
	"y" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "reports" ADD COLUMN "sealed" text;
--> statement-breakpoint
GRANT SELECT, INSERT ON report_keys TO suyuan_app;
