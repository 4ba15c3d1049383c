-- Rules by published lists were added: findings are derived again by all of them.
SELECT derive_findings_again();
