-- Of goods by measure an order that asks since when they went through somebody's hands is not about what was passed on
-- before, and what others did with goods before these came to that party was not under it: findings are derived again.
SELECT derive_findings_again();
