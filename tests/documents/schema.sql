-- What the product's statements and the documents' own statements run against: the placeholder names of the former,
-- the tables of the latter.  Runs once in a fresh database, as a superuser.

CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE ROLE role_name LOGIN;

-- The placeholders.
CREATE TABLE table_name (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    category integer NOT NULL,
    column_name integer,
    text_column text,
    json_column jsonb,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE child_table (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_id bigint NOT NULL REFERENCES table_name (id),
    amount bigint NOT NULL
);
CREATE TABLE other_child (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_id bigint NOT NULL REFERENCES table_name (id)
);
CREATE TABLE events (
    id bigint GENERATED ALWAYS AS IDENTITY,
    created_at timestamptz NOT NULL DEFAULT now(),
    amount bigint NOT NULL,
    PRIMARY KEY (id)
);
INSERT INTO table_name (category, column_name, text_column, json_column, is_active, created_at)
SELECT n % 50, n % 20000, 'name-' || md5(n::text),
       jsonb_build_object('environment', CASE WHEN n % 100 = 0 THEN 'production' ELSE 'test' END, 'n', n),
       n % 20 = 0, timestamptz '2026-01-01 00:00:00+00' + n * interval '1 minute'
FROM generate_series(1, 100000) AS n;
INSERT INTO child_table (table_id, amount)
SELECT 1 + n % 50000, n FROM generate_series(1, 100000) AS n;
INSERT INTO events (created_at, amount)
SELECT timestamptz '2026-01-01 00:00:00+00' + n * interval '1 minute', n FROM generate_series(1, 1000) AS n;
VACUUM ANALYZE;

-- The tables of the Database Optimization Guide, with its indexes.
CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    username varchar(255) UNIQUE NOT NULL,
    email varchar(255) UNIQUE NOT NULL,
    is_active boolean DEFAULT true,
    is_admin boolean DEFAULT false,
    last_login_at timestamptz,
    created_at timestamptz DEFAULT now()
);
CREATE INDEX idx_users_last_login ON users (last_login_at DESC) WHERE last_login_at IS NOT NULL;
CREATE TABLE servers (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    name varchar(255) NOT NULL,
    endpoint text NOT NULL,
    is_active boolean DEFAULT true,
    owner_id uuid REFERENCES users (id),
    tags jsonb DEFAULT '[]',
    metadata jsonb DEFAULT '{}',
    last_seen_at timestamptz,
    created_at timestamptz DEFAULT now()
);
CREATE INDEX idx_servers_owner ON servers (owner_id);
CREATE INDEX idx_servers_active ON servers (is_active) WHERE is_active = true;
CREATE INDEX idx_servers_last_seen ON servers (last_seen_at DESC NULLS LAST);
CREATE INDEX idx_servers_metadata ON servers USING gin (metadata);
CREATE TABLE sessions (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid REFERENCES users (id) ON DELETE CASCADE,
    access_token_jti varchar(255) UNIQUE NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz DEFAULT now()
);
CREATE TABLE audit_events (
    time timestamptz NOT NULL,
    event_id uuid DEFAULT uuid_generate_v4(),
    event_type varchar(100) NOT NULL,
    user_id uuid,
    PRIMARY KEY (time, event_id)
);
-- Two users, one of them with three servers and three sessions.
INSERT INTO users (username, email) VALUES ('john.doe', 'john.doe@example.com'), ('jane', 'jane@example.com');
INSERT INTO servers (name, endpoint, owner_id, metadata)
SELECT 'reproduction-' || n, 'https://production.example.com/' || n, id, jsonb_build_object('environment', n)
FROM users, generate_series(1, 3) AS n WHERE username = 'john.doe';
INSERT INTO sessions (user_id, access_token_jti, expires_at)
SELECT id, n::text, now() FROM users, generate_series(1, 3) AS n WHERE username = 'john.doe';

-- The tables of Database Scaling Strategies.
CREATE TABLE transactions (
    id uuid DEFAULT uuid_generate_v4(),
    festival_id integer,
    amount bigint,
    created_at timestamptz
);
INSERT INTO transactions (festival_id, amount, created_at) VALUES (1, 500, '2026-01-01 23:30:00+00');
CREATE MATERIALIZED VIEW festival_daily_stats AS
SELECT festival_id, date(created_at) AS date, count(*) AS transaction_count
FROM transactions GROUP BY festival_id, date(created_at);

-- The role of Database Connection Scaling Strategy.
CREATE ROLE synergyflow_app LOGIN CONNECTION LIMIT 50;

-- What the documents' statements meet: the index an earlier one made, and a name in mixed case.
CREATE INDEX idx_users_username_lower ON users (lower(username));
CREATE TABLE "Orders" (id bigint);
