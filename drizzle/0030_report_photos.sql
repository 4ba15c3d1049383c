CREATE TABLE "report_photos" (
	"report" text NOT NULL,
	"n" integer NOT NULL,
	"sha256" "bytea" NOT NULL,
	"bytes" integer NOT NULL,
	"width" integer NOT NULL,
	"height" integer NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "report_photos_report_n_pk" PRIMARY KEY("report","n")
);
--> statement-breakpoint
GRANT SELECT, INSERT ON report_photos TO suyuan_app;
