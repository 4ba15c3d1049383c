CREATE TABLE "contacts" (
	"key" "bytea" NOT NULL,
	"party" text NOT NULL,
	"kind" text NOT NULL,
	"seq" bigint NOT NULL,
	CONSTRAINT "contacts_key_party_pk" PRIMARY KEY("key","party")
);
--> statement-breakpoint
CREATE INDEX "contacts_party" ON "contacts" USING btree ("party");--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON contacts TO suyuan_app;
