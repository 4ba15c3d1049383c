-- Entries are looked up where they stand in insertion order: what was inserted last must be summed up as well.
ALTER INDEX "unit_chain_seq" SET (autosummarize = true);
