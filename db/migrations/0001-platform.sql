-- What every module stands on: roles' rights, ids, acts of record, answers kept for retries, the outbox, sessions, files
-- and keys. Roles themselves are made before the first migration (platform/postgres, or the guide for an own server).

create schema platform;
grant usage on schema platform to tongzhou_app, tongzhou_server, tongzhou_ledger;

-- The office of this transaction; null, and so no row, where none was set.
create function platform.office() returns bigint
  language sql stable parallel safe
  return nullif(current_setting('app.office', true), '')::bigint;

-- Ids: whole numbers below 2^53 from one row, in blocks.
create table platform.id_block (
  one boolean primary key default true check (one),
  next bigint not null check (next > 0 and next < 9007199254740992)
);
insert into platform.id_block (next) values (1001);

create function platform.take_ids(wanted bigint) returns bigint
  language sql security definer set search_path = platform, pg_temp
  begin atomic
    update platform.id_block set next = next + wanted where wanted between 1 and 100000000 returning next - wanted;
  end;
revoke all on function platform.take_ids(bigint) from public;
grant execute on function platform.take_ids(bigint) to tongzhou_server, tongzhou_app;

-- One row per command: who did what, when, from where, in what role and place, on what, why. Only appended.
create table platform.act (
  office_id bigint not null,
  id bigint not null,
  at timestamptz not null,
  actor_kind text not null check (actor_kind in ('staff', 'member', 'system')),
  actor_id bigint not null,
  role text not null,
  -- the place of the appointment acted under; none for a role of the whole office
  place_kind text,
  place_id bigint,
  -- where the request came from
  from_address text,
  command text not null,
  object text,
  reason text,
  request_id text not null,
  primary key (office_id, id),
  check ((place_kind is null) = (place_id is null))
);
alter table platform.act enable row level security;
create policy own_office on platform.act using (office_id = (select platform.office()));
grant select, insert on platform.act to tongzhou_app;

-- The first answer to a keyed request, given again to a retry.
create table platform.idempotency (
  office_id bigint not null,
  actor_kind text not null,
  actor_id bigint not null,
  key text not null check (length(key) between 1 and 100),
  command text not null,
  reply jsonb not null,
  on_day date not null,
  primary key (office_id, actor_kind, actor_id, key)
);
alter table platform.idempotency enable row level security;
create policy own_office on platform.idempotency using (office_id = (select platform.office()));
grant select, insert on platform.idempotency to tongzhou_app;

-- The outbox and the queue of jobs are one table: a row is written in its cause's transaction, leased by a worker,
-- delivered at least once, and gone when handled. `to_office_id` is where the reaction happens.
create table platform.job (
  office_id bigint not null,
  id bigint not null,
  kind text not null,
  payload jsonb not null,
  from_office_id bigint not null,
  due_at timestamptz not null,
  attempts integer not null default 0,
  leased_until timestamptz,
  last_error text,
  primary key (office_id, id)
);
create index job_due on platform.job (due_at);
alter table platform.job enable row level security;
create policy own_office on platform.job using (office_id = (select platform.office()));
-- A reaction in another office is announced from here: the row may be written for any office, and read only there.
create policy announce on platform.job for insert with check (from_office_id = (select platform.office()));
grant select, insert, update, delete on platform.job to tongzhou_app;

-- Which offices have work, for the worker that then enters each one's own context. Nothing of the work itself is shown.
create function platform.offices_with_due_jobs(at timestamptz) returns setof bigint
  language sql stable security definer set search_path = platform, pg_temp
  begin atomic
    select distinct office_id from platform.job where due_at <= at and (leased_until is null or leased_until < at);
  end;
revoke all on function platform.offices_with_due_jobs(timestamptz) from public;
grant execute on function platform.offices_with_due_jobs(timestamptz) to tongzhou_server;

-- A signed-in officer or member. The token itself is never kept. What the session may do is read at each request from
-- the appointment (network.session_of), so an appointment that ends, ends here too.
create table platform.session (
  token_hash bytea primary key,
  id bigint not null unique,
  office_id bigint not null,
  actor_kind text not null check (actor_kind in ('staff', 'member')),
  actor_id bigint not null,
  appointment_id bigint,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  from_address text,
  -- what the browser or program calls itself, for its owner to know it again
  device text,
  -- when the second step was made; null: only the password was shown
  second_step_at timestamptz,
  check (expires_at > created_at)
);
create index session_actor on platform.session (office_id, actor_kind, actor_id);
alter table platform.session enable row level security;
create policy own_office on platform.session using (office_id = (select platform.office()));
grant select, insert, update (ended_at, second_step_at) on platform.session to tongzhou_app;

-- Papers as encrypted files: found by a random name, the same content known again by its keyed hash.
create table platform.file (
  office_id bigint not null,
  id bigint not null,
  name text not null,
  content_hash bytea not null,
  media_type text not null,
  bytes bigint not null check (bytes >= 0),
  stored_at timestamptz not null,
  -- the file's own key, sealed by a ring key, or under the key of the member it tells of
  key_sealed bytea not null,
  person_id bigint,
  primary key (office_id, id),
  unique (office_id, name)
);
create index file_content on platform.file (office_id, content_hash);
alter table platform.file enable row level security;
create policy own_office on platform.file using (office_id = (select platform.office()));
grant select, insert on platform.file to tongzhou_app;

-- A secret per member, wrapped by a ring key: what is sealed or salted under it is unreadable once the row is gone.
create table platform.member_key (
  office_id bigint not null,
  person_id bigint not null,
  wrapped_sealed bytea not null,
  primary key (office_id, person_id)
);
alter table platform.member_key enable row level security;
create policy own_office on platform.member_key using (office_id = (select platform.office()));
grant select, insert, delete on platform.member_key to tongzhou_app;
