-- An error declaration repeats the event that it takes back, with its eventTime: by that it is found and sorted among
-- events. When it was declared stands beside that.
ALTER TABLE "hops" ADD COLUMN "declared_from" bigint;
--> statement-breakpoint
ALTER TABLE "hops" ADD COLUMN "declared_until" bigint;
--> statement-breakpoint
ALTER TABLE "hops" DISABLE TRIGGER append_only;
--> statement-breakpoint
-- As src/core/time.ts reads a time: the day, hour, minute or second in which it lies at the teller's own clock.
UPDATE "hops" SET "declared_from" = "time_from", "declared_until" = "time_until",
  "time_from" = t.begun, "time_until" = t.begun + t.width - 1
FROM (
  SELECT seq, width, (ms + ahead) / width * width - ahead AS begun
  FROM (
    SELECT seq, floor(extract(epoch FROM told::timestamptz) * 1000 + 0.5)::bigint AS ms,
      CASE WHEN told LIKE '%Z' THEN 0 ELSE (left(right(told, 6), 1) || '1')::bigint
        * (substr(right(told, 6), 2, 2)::bigint * 60 + right(told, 2)::bigint) * 60000 END AS ahead,
      CASE precision WHEN 'day' THEN 86400000 WHEN 'hour' THEN 3600000 WHEN 'minute' THEN 60000 WHEN 'second' THEN 1000
        ELSE 1 END::bigint AS width
    FROM (
      SELECT f.seq, f.event ->> 'eventTime' AS told, f.event ->> 'suyuan:timePrecision' AS precision
      FROM (
        SELECT seq, payload::jsonb AS event FROM "facts"
        WHERE seq IN (SELECT seq FROM "hops" WHERE hop IN ('void', 'correct')) OFFSET 0) f
      WHERE f.event ? 'errorDeclaration') declarations) times) t
WHERE t.seq = "hops"."seq";
--> statement-breakpoint
ALTER TABLE "hops" ENABLE TRIGGER append_only;
