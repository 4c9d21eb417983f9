-- Separate hands: which member a worker is, up to which amount a decision is hers, whether her own unit's claims are barred
-- to her, and the stop that two persons order and two persons lift.

-- A worker may be a member too: from this no one decides her own claim. The person is sealed, for the link is personal.
create table network.staff_person (
  office_id bigint not null,
  staff_id bigint not null,
  id bigint not null,
  from_on date not null,
  person_sealed bytea not null,
  reason text not null,
  linked_by bigint not null,
  primary key (office_id, staff_id, id),
  foreign key (office_id, staff_id) references network.staff
);

-- Limits of authority, by role or for one appointment, for all plans or one part. No row: no limit.
create table network.authority_limit (
  office_id bigint not null,
  id bigint not null,
  role text,
  appointment_id bigint,
  plan text,
  part text,
  most_fen bigint not null check (most_fen >= 0),
  from_on date not null,
  until_on date check (until_on > from_on),
  resolution text not null,
  set_by bigint not null,
  primary key (office_id, id),
  foreign key (office_id, appointment_id) references network.appointment (office_id, id),
  check ((role is null) <> (appointment_id is null)),
  check (part is null or plan is not null)
);

-- Whether a worker's own unit's claims are barred to her; by the newest row of the office. No row: they are not.
create table network.duty_rule (
  office_id bigint not null,
  from_on date not null,
  own_unit_barred boolean not null,
  resolution text not null,
  set_by bigint not null,
  primary key (office_id, from_on)
);

-- An emergency stop: ordered by one, in force when another confirms it; lifted the same way. A step names who made the one
-- before, so that the database too can refuse the same hand twice. The head office's stop holds everywhere.
create table network.stop (
  office_id bigint not null,
  id bigint not null,
  what text not null check (what in ('payments', 'plan')),
  plan text,
  reason text not null,
  primary key (office_id, id),
  check ((what = 'plan') = (plan is not null))
);
create table network.stop_step (
  office_id bigint not null,
  stop_id bigint not null,
  step text not null check (step in ('ordered', 'confirmed', 'lift_asked', 'lifted')),
  made_by bigint not null,
  made_at timestamptz not null,
  reason text,
  after_step text,
  after_by bigint,
  primary key (office_id, stop_id, step),
  unique (office_id, stop_id, step, made_by),
  foreign key (office_id, stop_id) references network.stop,
  foreign key (office_id, stop_id, after_step, after_by) references network.stop_step (office_id, stop_id, step, made_by),
  check (after_step is not distinct from case step when 'confirmed' then 'ordered' when 'lift_asked' then 'confirmed'
    when 'lifted' then 'lift_asked' end),
  check ((after_step is null) = (after_by is null)),
  constraint another_hand check (step not in ('confirmed', 'lifted') or made_by <> after_by)
);

alter table network.staff_person enable row level security;
alter table network.authority_limit enable row level security;
alter table network.duty_rule enable row level security;
alter table network.stop enable row level security;
alter table network.stop_step enable row level security;
create policy own_office on network.staff_person using (office_id = (select platform.office()));
create policy own_office on network.authority_limit using (office_id = (select platform.office()));
create policy own_office on network.duty_rule using (office_id = (select platform.office()));
create policy any_office on network.stop using ((select platform.office()) is not null)
  with check (office_id = (select platform.office()));
create policy any_office on network.stop_step using ((select platform.office()) is not null)
  with check (office_id = (select platform.office()));
grant select, insert on network.staff_person, network.authority_limit, network.duty_rule, network.stop, network.stop_step
  to tongzhou_app;

-- The second step: an authenticator's secret, sealed; the steps and recovery codes already used, so that none opens twice.
create table network.second_step (
  office_id bigint not null,
  id bigint not null,
  actor_kind text not null check (actor_kind in ('staff', 'member')),
  actor_id bigint not null,
  secret_sealed bytea not null,
  made_at timestamptz not null,
  confirmed_at timestamptz,
  removed_at timestamptz,
  primary key (office_id, id)
);
create index second_step_actor on network.second_step (office_id, actor_kind, actor_id);
create table network.second_step_used (
  office_id bigint not null,
  second_step_id bigint not null,
  time_step bigint not null,
  primary key (office_id, second_step_id, time_step),
  foreign key (office_id, second_step_id) references network.second_step
);
create table network.recovery_code (
  office_id bigint not null,
  second_step_id bigint not null,
  code_hash bytea not null,
  used_at timestamptz,
  primary key (office_id, second_step_id, code_hash),
  foreign key (office_id, second_step_id) references network.second_step
);
alter table network.second_step enable row level security;
alter table network.second_step_used enable row level security;
alter table network.recovery_code enable row level security;
create policy own_office on network.second_step using (office_id = (select platform.office()));
create policy own_office on network.second_step_used using (office_id = (select platform.office()));
create policy own_office on network.recovery_code using (office_id = (select platform.office()));
grant select, insert on network.second_step, network.second_step_used, network.recovery_code to tongzhou_app;
grant update (confirmed_at, removed_at) on network.second_step to tongzhou_app;
grant update (used_at) on network.recovery_code to tongzhou_app;

-- The hash of one's own secret, to check it before it is replaced; of nobody else's.
create function network.secret_of(office bigint, kind text, actor bigint) returns text
  language sql stable security definer set search_path = network, pg_temp
  begin atomic
    select l.secret_hash from network.login l where l.office_id = office and l.actor_kind = kind and l.actor_id = actor;
  end;
revoke all on function network.secret_of(bigint, text, bigint) from public;
grant execute on function network.secret_of(bigint, text, bigint) to tongzhou_server;
