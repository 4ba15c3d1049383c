-- What is withdrawn stays so, and what is said later of a certificate reaches back: findings are derived again.
SELECT derive_findings_again();
