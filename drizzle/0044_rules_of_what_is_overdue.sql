-- What nobody follows up is looked at again when its time runs out, and there are rules for numbers that nobody issued, for what
-- is dated before an order, for services overdue and for goods that need a certificate: findings are derived again.
SELECT derive_findings_again();
