-- An event of others that takes a part out of a thing was read as one that puts it in.
ALTER TABLE "hops" DISABLE TRIGGER append_only;
--> statement-breakpoint
UPDATE "hops" SET "note" = 'old' FROM (
  SELECT seq, payload::jsonb AS event FROM "facts"
  WHERE seq IN (SELECT seq FROM "hops" WHERE hop IN ('maintain', 'refill') AND note = 'parts') OFFSET 0) f
WHERE f.seq = "hops"."seq" AND f.event ->> 'action' = 'DELETE';
--> statement-breakpoint
ALTER TABLE "hops" ENABLE TRIGGER append_only;
--> statement-breakpoint
-- Orders over what is downstream of something follow parts and agents into what they were put into: findings are derived again.
SELECT derive_findings_again();
