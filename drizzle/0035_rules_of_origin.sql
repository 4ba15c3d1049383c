-- What comes out of nowhere is found too where nobody issued its code: findings are derived again.
SELECT derive_findings_again();
