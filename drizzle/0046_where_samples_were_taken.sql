-- Regulators of where a sample was taken have to do with the case of its result: findings are derived again.
SELECT derive_findings_again();
--> statement-breakpoint
-- Regulators are told of orders and failed samples from here on, not of all that ever was.
INSERT INTO followers (name, size) SELECT 'alerts', size FROM head ON CONFLICT DO NOTHING;
