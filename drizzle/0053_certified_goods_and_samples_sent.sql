CREATE INDEX "hops_sent_by_regulators" ON "hops" USING btree ("seq") WHERE hop = 'ship' AND as_role = 'regulator';--> statement-breakpoint
-- Findings have a rule more, about certification bodies, and what a regulator sent to a laboratory is no sample of another:
-- they are derived again.
SELECT derive_findings_again();
