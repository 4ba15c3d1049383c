-- Who had codes issued, from the facts that say so: the owner's delegates see no others.
ALTER TABLE "issues" ADD COLUMN "issued_by" text;
--> statement-breakpoint
ALTER TABLE "issues" DISABLE TRIGGER append_only;
--> statement-breakpoint
UPDATE "issues" SET "issued_by" = substring(f.payload FROM '"by":"([^"]+)"') FROM "facts" f WHERE f.seq = "issues"."seq";
--> statement-breakpoint
ALTER TABLE "issues" ENABLE TRIGGER append_only;
--> statement-breakpoint
ALTER TABLE "issues" ALTER COLUMN "issued_by" SET NOT NULL;
