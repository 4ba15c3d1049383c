-- Goods seized on their way are held, and go on when they are lifted; a code given to a second thing by relabelling is
-- begun twice; an authority is told of numbers of products that nobody registered; delegates speak only in the acts and at
-- the places that they were given: findings are derived again.
SELECT derive_findings_again();
