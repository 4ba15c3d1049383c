CREATE TABLE "webhooks" (
	"id" text PRIMARY KEY NOT NULL,
	"party" text NOT NULL,
	"url" text NOT NULL,
	"created_at" bigint NOT NULL,
	"cursor" bigint NOT NULL,
	"latest" bigint NOT NULL,
	"due_at" bigint,
	"lease_until" bigint NOT NULL,
	"failures" integer NOT NULL,
	"failing_since" bigint,
	"stopped_at" bigint,
	"attempts" jsonb NOT NULL
);
--> statement-breakpoint
CREATE INDEX "webhooks_party" ON "webhooks" USING btree ("party","created_at","id");--> statement-breakpoint
CREATE INDEX "webhooks_due" ON "webhooks" USING btree ("due_at") WHERE due_at IS NOT NULL;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks TO suyuan_app;
