CREATE TABLE "epcis_subscriptions" (
	"id" text PRIMARY KEY NOT NULL,
	"party" text NOT NULL,
	"client" text NOT NULL,
	"roles" jsonb NOT NULL,
	"query" text NOT NULL,
	"dest" text NOT NULL,
	"secret" "bytea" NOT NULL,
	"format" text NOT NULL,
	"schedule" jsonb,
	"report_if_empty" boolean NOT NULL,
	"created_at" bigint NOT NULL,
	"initial_record_time" bigint,
	"min_record_time" bigint NOT NULL,
	"last_notified_at" bigint,
	"watermark" bigint NOT NULL,
	"begun" boolean NOT NULL,
	"due_at" bigint,
	"lease_until" bigint NOT NULL,
	"failures" integer NOT NULL,
	"failing_since" bigint,
	"stopped_at" bigint
);
--> statement-breakpoint
CREATE INDEX "epcis_subscriptions_query" ON "epcis_subscriptions" USING btree ("party","query","id");--> statement-breakpoint
CREATE INDEX "epcis_subscriptions_due" ON "epcis_subscriptions" USING btree ("due_at") WHERE due_at IS NOT NULL;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON epcis_subscriptions TO suyuan_app;
