-- The schema as each migration left it, so that what was changed by hand shows, with who applied it and how long it took.
-- auterity: ignore cascade-from-existing-table: a release that knows no snapshots reverts revisions as before
CREATE TABLE schema_snapshots (
  revision    integer PRIMARY KEY REFERENCES schema_migrations (revision) ON DELETE CASCADE,
  applied_by  text NOT NULL,
  duration_ms bigint NOT NULL,
  fingerprint text NOT NULL,                   -- SHA-256 of the description, hex
  description text COMPRESSION lz4 NOT NULL    -- one line an object
);
COMMENT ON TABLE schema_snapshots IS 'the schema as each migration left it; drift is judged by the newest';
