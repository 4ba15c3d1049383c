-- Findings have a rule more, about certification bodies: they are derived again.
SELECT derive_findings_again();
