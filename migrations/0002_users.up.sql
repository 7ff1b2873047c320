-- Accounts, refresh tokens and revoked access tokens.

CREATE TABLE users (
  id uuid PRIMARY KEY,
  email text NOT NULL UNIQUE CHECK (email = lower(email)),
  name text NOT NULL DEFAULT '',
  role text NOT NULL CHECK (role IN ('viewer', 'editor', 'operator', 'admin')),
  password_hash text NOT NULL,            -- argon2id
  generation bigint NOT NULL DEFAULT 0,   -- access tokens of an earlier one are refused
  disabled_at timestamptz,
  last_login_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
COMMENT ON TABLE users IS 'accounts; never deleted, since history names them';

-- A session is a family of refresh tokens: each is used once and replaced by the next. Using one again ends the family.
CREATE TABLE refresh_tokens (
  token_hash text PRIMARY KEY,            -- SHA-256, hex; the token itself is kept nowhere
  session_id uuid NOT NULL,
  user_id uuid NOT NULL REFERENCES users (id),
  issued_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  revoked_at timestamptz
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_expires ON refresh_tokens (expires_at);
COMMENT ON TABLE refresh_tokens IS 'one row a refresh token ever issued, until it has expired';

-- Access tokens are checked without the database; each process reads what is new here every few seconds.
CREATE TABLE token_revocations (
  subject uuid NOT NULL,                  -- a token, a session, or a user when generation is set
  generation bigint NOT NULL DEFAULT -1,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,        -- when every token it is about has expired anyway
  PRIMARY KEY (subject, generation)
);
CREATE INDEX token_revocations_created ON token_revocations (created_at);
CREATE INDEX token_revocations_expires ON token_revocations (expires_at);
COMMENT ON TABLE token_revocations IS 'access tokens that are refused before they expire';
