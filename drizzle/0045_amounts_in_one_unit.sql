-- Amounts of one kind add up exactly, whatever units they are told in: rolls keep them as grains (src/core/measures.ts).
ALTER TABLE "order_things" ALTER COLUMN "amount" SET DATA TYPE numeric(60, 0);
--> statement-breakpoint
UPDATE "order_things" SET "amount" = "amount" * CASE "uom"
  WHEN 'MLT' THEN 1e6
  WHEN 'CMK' THEN 1e8
  WHEN 'MMT' THEN 1e9 WHEN 'GRM' THEN 1e9 WHEN 'LTR' THEN 1e9
  WHEN 'CMT' THEN 1e10
  WHEN 'MTR' THEN 1e12 WHEN 'MTK' THEN 1e12 WHEN 'KGM' THEN 1e12 WHEN 'MTQ' THEN 1e12
  WHEN 'KMT' THEN 1e15 WHEN 'TNE' THEN 1e15
  ELSE 1 END;
--> statement-breakpoint
-- Of what others captured, amounts count in every unit of measure: until now those in units that hops do not know were left out.
INSERT INTO "quantities" ("unit", "seq", "i", "position", "amount", "uom")
SELECT e.unit, q.seq, q.i, q.position, q.amount * 1e6, q.uom
FROM (
  SELECT f.seq, l.position, x.element ->> 'epcClass' AS epc, x.element ->> 'uom' AS uom,
    CASE jsonb_typeof(x.element -> 'quantity') WHEN 'number' THEN (x.element ->> 'quantity')::numeric END AS amount,
    f.named + row_number() OVER (PARTITION BY f.seq ORDER BY l.list, x.n) - 1 AS i
  FROM (
    SELECT seq, event,
      jsonb_array_length(coalesce(event -> 'epcList', '[]')) + (event ? 'parentID')::int
        + jsonb_array_length(coalesce(event -> 'childEPCs', '[]'))
        + jsonb_array_length(coalesce(event -> 'inputEPCList', '[]'))
        + jsonb_array_length(coalesce(event -> 'outputEPCList', '[]')) AS named
    FROM (
      SELECT seq, payload::jsonb AS event FROM "facts"
      WHERE kind = 'event' AND payload LIKE '%"captured":{%' AND payload LIKE '%"uom":"%' OFFSET 0) told
  ) f
  CROSS JOIN (VALUES (1, 5, 'quantityList'), (2, 2, 'childQuantityList'), (3, 3, 'inputQuantityList'),
    (4, 4, 'outputQuantityList')) AS l (list, position, name)
  CROSS JOIN LATERAL jsonb_array_elements(coalesce(f.event -> l.name, '[]')) WITH ORDINALITY AS x (element, n)
) q
JOIN "epcs" e ON e.epc = q.epc
WHERE q.uom NOT IN ('H87', 'MMT', 'CMT', 'MTR', 'KMT', 'CMK', 'MTK', 'GRM', 'KGM', 'TNE', 'MLT', 'LTR', 'MTQ')
  AND q.amount > 0 AND q.amount <= 1e12 AND q.amount = trunc(q.amount, 6)
  AND (q.uom NOT IN ('EA', 'C62') OR q.amount = trunc(q.amount));
--> statement-breakpoint
DROP INDEX "quantities_agents";
--> statement-breakpoint
CREATE INDEX "quantities_agents" ON "quantities" USING btree ("seq") WHERE uom IN ('MC', 'MGM', 'GRM', 'KGM', 'DTN', 'TNE', 'ONZ', 'LBR', 'STN', 'LTN', 'MMQ', 'CMQ', 'MLT', 'CLT', 'DLT', 'LTR', 'DMQ', 'HLT', 'MTQ', 'INQ', 'FTQ', 'GLL', 'GLI');
--> statement-breakpoint
-- Who reports what was done at another's place is marked in its fact.
ALTER TABLE "hops" ADD COLUMN "reporter" boolean DEFAULT false NOT NULL;
--> statement-breakpoint
ALTER TABLE "hops" DISABLE TRIGGER append_only;
--> statement-breakpoint
UPDATE "hops" SET "reporter" = true FROM (
  SELECT seq, payload::jsonb AS event FROM "facts"
  WHERE kind = 'event' AND payload LIKE '%"captured":{%' AND payload LIKE '%"reporter":true%' OFFSET 0) f
WHERE f.seq = "hops"."seq" AND f.event -> 'captured' ->> 'reporter' = 'true';
--> statement-breakpoint
-- Who tells more finely tells `departing` or `consigning` in the place of `shipping`, `accepting` in that of `receiving`.
UPDATE "hops" SET "hop" = f.hop, "outcome" = NULL,
  "note" = CASE WHEN f.hop = 'ship' THEN NULL WHEN f.is_mismatch THEN 'mismatch' WHEN f.hop = 'return' THEN 'returned' END,
  "giver" = CASE WHEN f.hop = 'ship' AND NOT f.has_source AND NOT "hops"."reporter" THEN coalesce("giver", "recorder") ELSE "giver" END,
  "taker" = CASE WHEN f.hop = 'receive' AND NOT f.has_destination AND NOT "hops"."reporter" THEN coalesce("taker", "recorder") ELSE "taker" END,
  "transfer" = CASE WHEN f.hop = 'ship' AND f.has_owner AND event ->> 'suyuan:transfer' IS NULL THEN 'sale' ELSE "transfer" END
FROM (
  SELECT seq, event,
    CASE WHEN event ->> 'disposition' = 'returned' THEN 'return' WHEN event ->> 'bizStep' = 'accepting' THEN 'receive'
      ELSE 'ship' END AS hop,
    event ->> 'disposition' LIKE 'mismatch\_%' OR EXISTS (
      SELECT FROM jsonb_array_elements_text(coalesce(event -> 'persistentDisposition' -> 'set', '[]')) AS word
      WHERE word LIKE 'mismatch\_%') AS is_mismatch,
    coalesce(event -> 'sourceList', '[]') @> '[{"type":"possessing_party"}]' AS has_source,
    coalesce(event -> 'destinationList', '[]') @> '[{"type":"possessing_party"}]' AS has_destination,
    coalesce(event -> 'destinationList', '[]') @> '[{"type":"owning_party"}]' AS has_owner
  FROM (
    SELECT seq, payload::jsonb AS event FROM "facts"
    WHERE kind = 'event' AND payload LIKE '%"captured":{%' AND payload ~ '"bizStep":"(departing|consigning|accepting)"' OFFSET 0) told
  WHERE event ->> 'type' IN ('ObjectEvent', 'TransactionEvent') AND event ->> 'action' = 'OBSERVE'
    AND event ->> 'bizStep' IN ('departing', 'consigning', 'accepting')
    AND event -> 'errorDeclaration' IS NULL AND event -> 'suyuan:hop' IS NULL) f
WHERE f.seq = "hops"."seq";
--> statement-breakpoint
ALTER TABLE "hops" ENABLE TRIGGER append_only;
--> statement-breakpoint
SELECT derive_findings_again();
