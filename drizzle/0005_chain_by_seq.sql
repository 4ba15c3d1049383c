DROP INDEX "unit_chain_seq";--> statement-breakpoint
CREATE INDEX "unit_chain_seq" ON "unit_chain" USING btree ("seq");