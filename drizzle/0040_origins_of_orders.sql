-- Of things with one history an order may name one as the origin of what it is about: findings are derived again.
SELECT derive_findings_again();
