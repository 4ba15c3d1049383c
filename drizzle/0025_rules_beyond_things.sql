CREATE INDEX "hops_failed" ON "hops" USING btree ("seq") WHERE outcome = 'non-conformant' OR hop IN ('void', 'correct');--> statement-breakpoint
-- Rules that look beyond single things were added: findings are derived again by all of them.
SELECT derive_findings_again();
