-- Bursts of complaints are looked for by county: what is found in a prefecture whose reports tell their counties closes itself.
UPDATE "reports" SET "district" = CASE
  WHEN "region" LIKE '%00' AND left("region", 2) IN ('11', '12', '31', '50') THEN left("region", 2) || '0000'
  ELSE "region" END;
