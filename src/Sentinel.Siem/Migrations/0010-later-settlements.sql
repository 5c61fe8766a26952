-- A hit that was settled may change once more, when an event that came late is put in its place.
ALTER TABLE siem.hit_settlements
    DROP CONSTRAINT hit_settlements_pkey,
    ADD PRIMARY KEY (organisation_id, hit_id, batch_number);
