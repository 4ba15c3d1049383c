-- What nobody told a date for is due for service by the interval of its product: findings are derived again.
SELECT derive_findings_again();
