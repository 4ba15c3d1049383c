-- Of goods by measure an order that asks since when they went through somebody's hands is not about what was passed on
-- before, and what others did with goods before these came to that party was not under it. A lot is released where it was
-- tested, wherever its things are; a service ends what was due, also where nobody tells when the next is; what is past its
-- service life is not sold to dealers either, nor fitted into something; a laboratory that reports again once it has a
-- sample had it for that report; failed samples count by when they were, and certificates that are recorded late explain
-- what nobody tells of any more: findings are derived again.
SELECT derive_findings_again();
