CREATE TABLE "captures" (
	"id" text PRIMARY KEY NOT NULL,
	"party" text NOT NULL,
	"client" text NOT NULL,
	"roles" jsonb NOT NULL,
	"created_at" bigint NOT NULL,
	"finished_at" bigint,
	"behaviour" text NOT NULL,
	"state" text NOT NULL,
	"document" text,
	"total" integer NOT NULL,
	"done" integer NOT NULL,
	"errors" jsonb NOT NULL,
	"lease_until" bigint NOT NULL
);
--> statement-breakpoint
CREATE INDEX "captures_party" ON "captures" USING btree ("party","created_at","id");--> statement-breakpoint
CREATE INDEX "captures_running" ON "captures" USING btree ("created_at") WHERE state = 'running';
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON captures TO suyuan_app;
