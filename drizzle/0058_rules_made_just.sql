-- What nobody told a date for is due for service by the interval of its product; the first certificate of a product says
-- nothing of what was made before it began; a rule is watched by what was decided about its newest versions; what is cancelled
-- beyond what was shipped is found, and takes nothing back; a sample that was sent to a laboratory and cancelled was not sent;
-- who tells of a product that nobody registered is found: findings are derived again.
SELECT derive_findings_again();
