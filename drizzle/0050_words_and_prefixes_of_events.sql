CREATE TABLE "company_prefixes" (
	"prefix" text NOT NULL,
	"party" text NOT NULL,
	"seq" bigint NOT NULL,
	CONSTRAINT "company_prefixes_prefix_party_pk" PRIMARY KEY("prefix","party")
);
--> statement-breakpoint
CREATE TABLE "event_words" (
	"whose" text NOT NULL,
	"member" text NOT NULL,
	"word" text NOT NULL,
	"seq" bigint NOT NULL,
	CONSTRAINT "event_words_whose_member_word_pk" PRIMARY KEY("whose","member","word")
);
--> statement-breakpoint
ALTER TABLE "captures" ADD COLUMN "erring" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "epcis_subscriptions" ADD COLUMN "media_type" text DEFAULT 'application/json' NOT NULL;--> statement-breakpoint
ALTER TABLE "epcis_subscriptions" ADD COLUMN "words" text DEFAULT 'No_Preference' NOT NULL;--> statement-breakpoint
CREATE INDEX "event_words_word" ON "event_words" USING btree ("member","word","whose");--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['event_words', 'company_prefixes'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO suyuan_app', name);
  END LOOP;
END
$$;
--> statement-breakpoint
-- Of what was recorded before: as features/epcis/used-projection.ts reads it.
INSERT INTO event_words (whose, member, word, seq)
SELECT whose, member, word, min(seq) FROM (
  SELECT f.seq, m.member, m.word, unnest(ARRAY[h.recorder, h.giver, h.taker, h.place, h.to_place, 'delegation/' ||
    coalesce(f.body ->> 'suyuan:delegation', f.body -> 'captured' ->> 'delegation') || '/' || h.recorder]) AS whose
  FROM (SELECT seq, payload::jsonb AS body FROM facts
    WHERE kind = 'event' AND payload ~ '"(bizStep|disposition)":"[^"]*:') f
  JOIN hops h USING (seq)
  CROSS JOIN LATERAL (
    VALUES ('bizStep', f.body ->> 'bizStep'), ('disposition', f.body ->> 'disposition')) m (member, word)
  WHERE m.word LIKE '%:%') used
WHERE whose IS NOT NULL GROUP BY whose, member, word;
--> statement-breakpoint
INSERT INTO company_prefixes (prefix, party, seq)
SELECT prefix, party, min(seq) FROM (
  SELECT seq, body ->> 'by' AS party, jsonb_array_elements_text(body -> 'captured' -> 'prefixes') AS prefix
  FROM (SELECT seq, payload::jsonb AS body FROM facts WHERE kind = 'event' AND payload LIKE '%"prefixes":[%') f
  WHERE jsonb_typeof(body -> 'captured' -> 'prefixes') = 'array') used
GROUP BY prefix, party;
--> statement-breakpoint
UPDATE captures SET erring = jsonb_array_length(errors);
