DROP INDEX "hops_times";--> statement-breakpoint
CREATE INDEX "hops_recorder" ON "hops" USING btree ("recorder","seq");--> statement-breakpoint
CREATE INDEX "hops_giver" ON "hops" USING btree ("giver","seq") WHERE giver <> recorder;--> statement-breakpoint
CREATE INDEX "hops_taker" ON "hops" USING btree ("taker","seq") WHERE taker <> recorder;--> statement-breakpoint
CREATE INDEX "hops_times" ON "hops" USING btree ("time_from","seq");