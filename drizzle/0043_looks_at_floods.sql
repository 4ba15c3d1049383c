-- A thing is looked at less often with what one party tells very much of it: findings are derived again.
SELECT derive_findings_again();
