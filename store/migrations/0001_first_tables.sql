-- Runs on SQLite and PostgreSQL alike: TEXT and BIGINT only. Times are unix ms. Columns named `sealed`, `identity`,
-- `connection` and `address` are encrypted under keys of the key ring, which is kept apart from this database.

CREATE TABLE tenants (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    retention TEXT NOT NULL,
    recording_allowed BIGINT NOT NULL,
    address_days BIGINT NOT NULL,
    connection_days BIGINT NOT NULL,
    end_days BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    ended_ms BIGINT
);

CREATE TABLE tenant_secrets (
    tenant TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    sealed TEXT NOT NULL,
    PRIMARY KEY (tenant, position)
);

CREATE TABLE meetings (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    external_id TEXT NOT NULL,
    sealed TEXT NOT NULL,
    record BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    started_ms BIGINT,
    ended_ms BIGINT,
    forcibly_ended BIGINT NOT NULL,
    recording_erased_ms BIGINT
);
CREATE INDEX meetings_by_external_id ON meetings (tenant, external_id, created_ms);
CREATE INDEX meetings_by_end ON meetings (tenant, ended_ms);

CREATE TABLE stays (
    session TEXT PRIMARY KEY,
    meeting TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    person TEXT NOT NULL,
    moderator BIGINT NOT NULL,
    signed_in BIGINT NOT NULL,
    identity TEXT NOT NULL,
    connection TEXT,
    address TEXT,
    address_day BIGINT,
    login_ms BIGINT NOT NULL,
    logout_ms BIGINT,
    reconnects BIGINT NOT NULL
);
CREATE INDEX stays_by_meeting ON stays (meeting, login_ms);
CREATE INDEX stays_by_address_day ON stays (address_day);

CREATE TABLE statistics (
    meeting TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    person TEXT NOT NULL,
    identity TEXT NOT NULL,
    moderator BIGINT NOT NULL,
    chat_messages BIGINT NOT NULL,
    times_talked BIGINT NOT NULL,
    emojis BIGINT NOT NULL,
    hands_raised BIGINT NOT NULL,
    poll_answers BIGINT NOT NULL,
    talk_ms BIGINT NOT NULL,
    session_ms BIGINT NOT NULL,
    joined_ms BIGINT NOT NULL,
    left_ms BIGINT,
    PRIMARY KEY (meeting, person)
);

CREATE TABLE recordings (
    id TEXT PRIMARY KEY REFERENCES meetings (id),
    tenant TEXT NOT NULL REFERENCES tenants (id),
    external_id TEXT NOT NULL,
    sealed TEXT NOT NULL,
    published BIGINT NOT NULL,
    protected BIGINT NOT NULL,
    erasing BIGINT NOT NULL,
    started_ms BIGINT NOT NULL,
    ended_ms BIGINT
);
CREATE INDEX recordings_by_end ON recordings (tenant, ended_ms);
CREATE INDEX recordings_by_external_id ON recordings (tenant, external_id);

CREATE TABLE segments (
    recording TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    state TEXT NOT NULL,
    started_ms BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    tracks BIGINT NOT NULL,
    people BIGINT NOT NULL,
    PRIMARY KEY (recording, number)
);

CREATE TABLE erasures (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason TEXT NOT NULL,
    step TEXT NOT NULL,
    requested_ms BIGINT NOT NULL,
    plan TEXT NOT NULL
);
CREATE UNIQUE INDEX erasures_by_subject ON erasures (kind, tenant, subject);
