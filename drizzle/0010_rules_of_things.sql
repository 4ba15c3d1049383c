-- Rules about single things were added: findings are derived again by all of them.
SELECT derive_findings_again();
