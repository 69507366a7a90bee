/** Jobs with their leases and results, workers with their sessions, and what is still to be told to either side. */
export const firstTables = `
CREATE TABLE jobs (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  lane TEXT NOT NULL CHECK (lane IN ('page', 'exclusive')),
  payload TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
  ready INTEGER NOT NULL CHECK (ready IN (0, 1)),
  priority INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  max_attempts INTEGER NOT NULL,
  run_at_ms INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  started_at_ms INTEGER,
  finished_at_ms INTEGER,
  unique_key TEXT,
  webhook_url TEXT,
  progress_percent INTEGER NOT NULL DEFAULT 0,
  progress_stage TEXT NOT NULL DEFAULT '',
  lease_id TEXT,
  worker_id TEXT,
  result_attempt_id TEXT,
  error TEXT
) STRICT;
CREATE INDEX jobs_ready ON jobs (type, priority, sequence) WHERE status = 'pending' AND ready = 1;
CREATE INDEX jobs_waiting ON jobs (created_at_ms) WHERE status = 'pending' AND ready = 1;
CREATE INDEX jobs_scheduled ON jobs (run_at_ms) WHERE status = 'pending' AND ready = 0;
CREATE UNIQUE INDEX jobs_unique_key ON jobs (unique_key) WHERE unique_key IS NOT NULL;
CREATE INDEX jobs_by_created ON jobs (created_at_ms, sequence);
CREATE INDEX jobs_by_status ON jobs (status, created_at_ms, sequence);
CREATE INDEX jobs_by_type ON jobs (type, created_at_ms, sequence);
CREATE INDEX jobs_by_worker ON jobs (worker_id, created_at_ms, sequence) WHERE worker_id IS NOT NULL;

CREATE TABLE job_counts (
  type TEXT NOT NULL,
  status TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (type, status)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER jobs_counted_in AFTER INSERT ON jobs BEGIN
  INSERT INTO job_counts VALUES (NEW.type, NEW.status, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER jobs_counted_over AFTER UPDATE OF status ON jobs WHEN OLD.status <> NEW.status BEGIN
  UPDATE job_counts SET count = count - 1 WHERE type = OLD.type AND status = OLD.status;
  INSERT INTO job_counts VALUES (NEW.type, NEW.status, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER jobs_counted_out AFTER DELETE ON jobs BEGIN
  UPDATE job_counts SET count = count - 1 WHERE type = OLD.type AND status = OLD.status;
END;

CREATE TABLE leases (
  id TEXT NOT NULL PRIMARY KEY,
  job_sequence INTEGER NOT NULL REFERENCES jobs (sequence) ON DELETE CASCADE,
  worker_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'queued',
  granted_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER,
  ended TEXT CHECK (ended IN ('stored', 'cancelled', 'expired', 'superseded', 'returned'))
) STRICT;
CREATE INDEX leases_open_by_worker ON leases (worker_id) WHERE ended IS NULL;
CREATE INDEX leases_open_by_expiry ON leases (expires_at_ms) WHERE ended IS NULL;
CREATE INDEX leases_by_job ON leases (job_sequence);

CREATE TABLE results (
  attempt_id TEXT NOT NULL PRIMARY KEY,
  job_sequence INTEGER NOT NULL REFERENCES jobs (sequence) ON DELETE CASCADE,
  lease_id TEXT NOT NULL,
  worker_id TEXT NOT NULL,
  type_version INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('completed', 'failed')),
  attempts INTEGER NOT NULL,
  started_at_ms INTEGER NOT NULL,
  finished_at_ms INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  received_at_ms INTEGER NOT NULL,
  result TEXT,
  error TEXT
) STRICT;
CREATE INDEX results_by_job ON results (job_sequence);
CREATE TABLE result_blobs (
  attempt_id TEXT NOT NULL REFERENCES results (attempt_id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  PRIMARY KEY (attempt_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX result_blobs_by_hash ON result_blobs (sha256);

CREATE TABLE workers (
  id TEXT NOT NULL PRIMARY KEY,
  label TEXT NOT NULL,
  registered_secret BLOB,
  secret BLOB NOT NULL,
  pending_secret BLOB,
  previous_secret BLOB,
  previous_until_ms INTEGER,
  created_at_ms INTEGER NOT NULL,
  revoked_at_ms INTEGER,
  last_seen_ms INTEGER
) STRICT;
CREATE TABLE sessions (
  id TEXT NOT NULL PRIMARY KEY,
  worker_id TEXT NOT NULL REFERENCES workers (id) ON DELETE CASCADE,
  instance_id TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  start_id TEXT NOT NULL,
  started_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER,
  ended TEXT CHECK (ended IN ('superseded', 'goodbye', 'revoked')),
  facts TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX sessions_current ON sessions (worker_id) WHERE ended IS NULL;
CREATE INDEX sessions_by_instance ON sessions (worker_id, instance_id, epoch);
CREATE TABLE enrolment_tokens (
  id TEXT NOT NULL PRIMARY KEY,
  key BLOB NOT NULL,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  used_by_instance TEXT,
  worker_id TEXT REFERENCES workers (id) ON DELETE CASCADE
) STRICT;
CREATE TABLE commands (
  id TEXT NOT NULL PRIMARY KEY,
  worker_id TEXT NOT NULL REFERENCES workers (id) ON DELETE CASCADE,
  command TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  acknowledged_at_ms INTEGER
) STRICT;
CREATE INDEX commands_open ON commands (worker_id, created_at_ms) WHERE acknowledged_at_ms IS NULL;
CREATE TABLE diagnostics (
  worker_id TEXT NOT NULL PRIMARY KEY REFERENCES workers (id) ON DELETE CASCADE,
  received_at_ms INTEGER NOT NULL,
  diagnostics TEXT NOT NULL
) STRICT;

CREATE TABLE idempotency_keys (
  key TEXT NOT NULL PRIMARY KEY,
  body_sha256 TEXT NOT NULL,
  answer TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at_ms);
CREATE TABLE webhook_deliveries (
  id TEXT NOT NULL PRIMARY KEY,
  job_id TEXT NOT NULL,
  url TEXT NOT NULL,
  receiver TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at_ms INTEGER,
  delivered_at_ms INTEGER,
  last_error TEXT
) STRICT;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at_ms) WHERE next_attempt_at_ms IS NOT NULL;
CREATE INDEX webhook_deliveries_by_job ON webhook_deliveries (job_id);
CREATE TABLE settings (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) STRICT;
`;
