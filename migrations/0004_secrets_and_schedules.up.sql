-- Sealed secrets, the schedules' memory, and who leads.

CREATE TABLE secrets (
  name text PRIMARY KEY,
  key_id text NOT NULL,  -- which key sealed it; never the key
  sealed text NOT NULL,  -- base64 of nonce and box (libsodium secretbox)
  updated_at timestamptz NOT NULL,
  updated_by text NOT NULL DEFAULT ''
);
COMMENT ON TABLE secrets IS 'values of $secrets, sealed before they reach the database';

CREATE TABLE schedules (
  workflow_id uuid PRIMARY KEY REFERENCES workflows (id),
  anchor_at timestamptz NOT NULL,  -- from when fire times count: the publication
  last_fire_at timestamptz,        -- the last fire time that was started
  last_execution_id uuid           -- and the execution it started
);
COMMENT ON TABLE schedules IS 'what the scheduler remembers of each scheduled workflow';

-- One row a duty that only one process may carry out. The term grows with every change of holder.
CREATE TABLE leadership (
  name text PRIMARY KEY,
  holder text NOT NULL,
  term bigint NOT NULL,
  lease_until timestamptz NOT NULL
);
COMMENT ON TABLE leadership IS 'leases of duties that one process at a time carries out';
