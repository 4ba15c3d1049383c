CREATE INDEX "quantities_agents" ON "quantities" USING btree ("seq") WHERE uom IN ('GRM', 'KGM', 'TNE', 'MLT', 'LTR', 'MTQ');--> statement-breakpoint
-- Firms are asked where the agent came from that they refill with: findings are derived again.
SELECT derive_findings_again();
