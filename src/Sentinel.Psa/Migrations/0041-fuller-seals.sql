-- A seal also vouches for the workflows that ran in the case and for its attestations, each as a DSSE
-- envelope. Seals from before have neither, and stay as they were signed; new ones have both.
ALTER TABLE psa.case_seals
    ADD COLUMN workflow_hashes jsonb,
    ADD COLUMN attestations    jsonb;
ALTER TABLE psa.case_seals ADD CONSTRAINT vouches_for_all
    CHECK (workflow_hashes IS NOT NULL AND attestations IS NOT NULL) NOT VALID;
