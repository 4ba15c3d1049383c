CREATE TABLE "epcis_queries" (
	"party" text NOT NULL,
	"name" text NOT NULL,
	"definition" text NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "epcis_queries_party_name_pk" PRIMARY KEY("party","name")
);
--> statement-breakpoint
CREATE TABLE "epcis_released_tokens" (
	"party" text NOT NULL,
	"token" text NOT NULL,
	"until" bigint NOT NULL,
	CONSTRAINT "epcis_released_tokens_party_token_pk" PRIMARY KEY("party","token")
);
--> statement-breakpoint
CREATE INDEX "epcis_released_tokens_until" ON "epcis_released_tokens" USING btree ("until");
--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON epcis_queries TO suyuan_app;--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON epcis_released_tokens TO suyuan_app;
