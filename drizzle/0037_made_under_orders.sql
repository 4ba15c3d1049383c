ALTER TABLE "findings" ADD COLUMN "made" bigint;
--> statement-breakpoint
-- What is made of goods under an order is found when it is moved, too: findings are derived again.
SELECT derive_findings_again();
