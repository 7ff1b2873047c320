-- Uploaded files: what they are; their bytes are in the object store.

CREATE TABLE files (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  content_type text NOT NULL,
  size bigint NOT NULL CHECK (size >= 0),
  sha256 text NOT NULL,                   -- hex
  object_key text NOT NULL,
  created_by text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  removed_at timestamptz                  -- hidden at once; a duty removes the bytes, then the row
);
CREATE INDEX files_removed ON files (removed_at) WHERE removed_at IS NOT NULL;
COMMENT ON TABLE files IS 'uploads; the bytes lie in the object store under object_key';
