-- Published workflow definitions, executions and their history.
--
-- workflow_executions and execution_history are partitioned by the execution's id. Ids are UUID version 7, whose first 48 bits
-- are milliseconds since the epoch, so that a range of ids is a range of creation times: the key alone tells the partition, a
-- primary key on the id keeps uniqueness, and retention drops whole partitions instead of deleting rows. Partitions are made
-- by the application (ahead of time and when first needed), with the storage parameters that only a leaf can carry.

CREATE TYPE execution_status AS ENUM
  ('pending', 'running', 'waiting', 'suspended', 'cancelled', 'faulted', 'completed');
CREATE TYPE wake_reason AS ENUM
  ('ready', 'timer', 'lease', 'subscription', 'suspended', 'child', 'none');
CREATE TYPE control_action AS ENUM ('cancel', 'suspend', 'resume');

CREATE TABLE workflows (
  id uuid PRIMARY KEY,
  namespace text NOT NULL,
  name text NOT NULL,
  version text NOT NULL,
  title text NOT NULL DEFAULT '',
  summary text NOT NULL DEFAULT '',
  definition text COMPRESSION lz4 NOT NULL,  -- JSON
  checksum text NOT NULL,                    -- SHA-256 of the canonical JSON, hex
  created_at timestamptz NOT NULL,
  created_by text NOT NULL DEFAULT '',
  removed_at timestamptz,                    -- hidden from lists and new starts; executions go on
  UNIQUE (namespace, name, version)
);
COMMENT ON TABLE workflows IS 'published definitions; a published version never changes';

-- No foreign key to workflows: a published workflow is never deleted, and the key would lock its row at every start.
CREATE TABLE workflow_executions (
  id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  started_at timestamptz,
  finished_at timestamptz,
  -- When it may be claimed: ready: since when; timer: the wake time; lease: until when the owner holds it; else NULL.
  due_at timestamptz,
  term bigint NOT NULL,        -- grows with every claim; a write must carry the current one
  seq bigint NOT NULL,         -- of the last checkpoint, 0 before the first
  last_event bigint NOT NULL,  -- number of the last history event
  status execution_status NOT NULL,
  wake wake_reason NOT NULL,
  requested control_action,    -- what a person asked for and no worker has carried out yet
  owner text,
  trigger text NOT NULL,
  workflow_type text NOT NULL,
  started_by text NOT NULL,
  traceparent text NOT NULL,
  input text COMPRESSION lz4 NOT NULL,  -- JSON, or a reference to the object store ('@payload:…')
  output text COMPRESSION lz4,
  error text COMPRESSION lz4,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
COMMENT ON TABLE workflow_executions IS 'one row an execution; partitioned by the creation time in its id';
COMMENT ON COLUMN workflow_executions.due_at IS
  'ready: since when; timer: wake time; lease: its end; NULL for everything that no clock wakes';

-- Holds ready, timer and lease rows only: claims and sleeps look at nothing else.
CREATE INDEX workflow_executions_due ON workflow_executions (due_at) WHERE due_at IS NOT NULL;
-- Lists by workflow, and by status for all but the bulk of rows; a list of completed ones reads the primary key backwards.
CREATE INDEX workflow_executions_workflow ON workflow_executions (workflow_id, id);
CREATE INDEX workflow_executions_status ON workflow_executions (status, id) WHERE status <> 'completed';
CREATE INDEX workflow_executions_workflow_status ON workflow_executions (workflow_id, status, id)
  WHERE status <> 'completed';

-- One row a checkpoint: the events that became visible with it and the state to go on from.
CREATE TABLE execution_history (
  execution_id uuid NOT NULL,
  seq bigint NOT NULL,
  term bigint NOT NULL,        -- of the worker that wrote it
  last_event bigint NOT NULL,  -- number of the last event of this or an earlier row
  format smallint NOT NULL,    -- of `events`
  events text COMPRESSION lz4 NOT NULL,  -- JSON array, or a reference
  state text COMPRESSION lz4,            -- JSON, or a reference; kept at the end, too: a restart begins from it
  PRIMARY KEY (execution_id, seq)
) PARTITION BY RANGE (execution_id);
COMMENT ON TABLE execution_history IS 'one row a checkpoint; partitioned like workflow_executions';

-- What may start only once: an idempotency key within its window, a fire time of a schedule.
CREATE TABLE execution_keys (
  workflow_id uuid NOT NULL,
  kind text NOT NULL,  -- 'idempotency' or 'schedule'
  key text NOT NULL,
  execution_id uuid NOT NULL,
  input_digest text NOT NULL,  -- SHA-256 of the canonical input, hex
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (workflow_id, kind, key)
);
CREATE INDEX execution_keys_expires ON execution_keys (expires_at);
COMMENT ON TABLE execution_keys IS 'starts that happen once: idempotency keys and fire times of schedules';
