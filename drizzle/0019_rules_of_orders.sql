-- What is moved although an order stopped it is a finding now: findings are derived again.
SELECT derive_findings_again();
