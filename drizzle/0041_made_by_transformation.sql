-- What comes out of a transformation is made by it: it needs a certificate then, and ages from there. Findings are derived again.
SELECT derive_findings_again();
