-- A result counts as that of a supervision sample of what was sampled alone: findings are derived again.
SELECT derive_findings_again();
