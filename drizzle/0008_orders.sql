CREATE TABLE "order_terms" (
	"term" text NOT NULL,
	"seq" bigint NOT NULL,
	CONSTRAINT "order_terms_term_seq_pk" PRIMARY KEY("term","seq")
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"id" text NOT NULL,
	"type" text NOT NULL,
	"party" text NOT NULL,
	"body" jsonb NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "orders_made" ON "orders" USING btree ("id") WHERE type <> 'release';--> statement-breakpoint
CREATE UNIQUE INDEX "orders_released" ON "orders" USING btree ("id") WHERE type = 'release';--> statement-breakpoint
CREATE INDEX "orders_party" ON "orders" USING btree ("party","seq");--> statement-breakpoint
-- What was ordered is never changed or taken away: a release is an entry of its own.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON orders FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON order_terms FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON order_terms FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
GRANT SELECT, INSERT ON orders, order_terms TO suyuan_app;
