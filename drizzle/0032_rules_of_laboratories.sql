-- Laboratories are compared with their peers: findings are derived again.
SELECT derive_findings_again();
