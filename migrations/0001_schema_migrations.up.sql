-- What has been applied to this database; one row a migration, written in the migration's own transaction.
CREATE TABLE schema_migrations (
  revision   integer PRIMARY KEY CHECK (revision > 0),
  name       text NOT NULL,
  checksum   text NOT NULL,  -- SHA-256 of the up file, hex
  applied_at timestamptz NOT NULL DEFAULT now()
);
