-- The other second steps: a signature of an SM2 key on a USB stick. The public key as a point of the curve, which is no secret;
-- it counts from the first signature shown. A key taken away stays as a row.
create table network.second_key (
  office_id bigint not null,
  id bigint not null,
  actor_kind text not null check (actor_kind in ('staff', 'member')),
  actor_id bigint not null,
  public_point bytea not null check (length(public_point) = 65),
  made_at timestamptz not null,
  confirmed_at timestamptz,
  removed_at timestamptz,
  primary key (office_id, id)
);
create unique index second_key_counts on network.second_key (office_id, actor_kind, actor_id)
  where confirmed_at is not null and removed_at is null;
create index second_key_actor on network.second_key (office_id, actor_kind, actor_id);

-- What a key is to sign: random, for one session, for some minutes, once. Only the newest of a session counts.
create table network.key_challenge (
  office_id bigint not null,
  id bigint not null,
  session_id bigint not null,
  nonce bytea not null check (length(nonce) = 32),
  made_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > made_at),
  used_at timestamptz,
  primary key (office_id, id)
);
create index key_challenge_session on network.key_challenge (office_id, session_id);

alter table network.second_key enable row level security;
alter table network.key_challenge enable row level security;
create policy own_office on network.second_key using (office_id = (select platform.office()));
create policy own_office on network.key_challenge using (office_id = (select platform.office()));
grant select, insert, update (confirmed_at, removed_at) on network.second_key to tongzhou_app;
grant select, insert, update (used_at) on network.key_challenge to tongzhou_app;

-- And a code by SMS, for who has neither authenticator nor key. A worker's mobile number is set by an administrator, sealed; the
-- newest row counts, an empty one takes the number away.
create table network.staff_phone (
  office_id bigint not null,
  staff_id bigint not null,
  id bigint not null,
  phone_sealed bytea,
  set_at timestamptz not null,
  set_by bigint not null,
  primary key (office_id, staff_id, id),
  foreign key (office_id, staff_id) references network.staff
);

-- A code that was sent: its keyed hash, for one session, for some minutes, once. Only the newest of a person counts.
create table network.sms_code (
  office_id bigint not null,
  id bigint not null,
  actor_kind text not null check (actor_kind in ('staff', 'member')),
  actor_id bigint not null,
  session_id bigint not null,
  code_hash bytea not null check (length(code_hash) = 32),
  sent_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > sent_at),
  used_at timestamptz,
  primary key (office_id, id)
);
create index sms_code_actor on network.sms_code (office_id, actor_kind, actor_id);

alter table network.staff_phone enable row level security;
alter table network.sms_code enable row level security;
create policy own_office on network.staff_phone using (office_id = (select platform.office()));
create policy from_above on network.staff_phone for insert with check ((select network.in_head_office()));
create policy own_office on network.sms_code using (office_id = (select platform.office()));
grant select, insert on network.staff_phone to tongzhou_app;
grant select, insert, update (used_at) on network.sms_code to tongzhou_app;
