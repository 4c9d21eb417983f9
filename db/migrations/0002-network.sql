-- The association's body: offices, agencies, points, the member units, and the people who work for it under dated
-- appointments. The tree down to the point and the words each body uses are reference data; units and staff are an office's.

create schema network;
grant usage on schema network to tongzhou_app, tongzhou_server;

create table network.association (
  one boolean primary key default true check (one),
  name text not null,
  short_name text not null,
  demonstration boolean not null
);

-- An office is a unit of books and jurisdiction; the head office is one and holds what belongs to the whole.
create table network.office (
  id bigint primary key,
  name text not null unique,
  kind text not null check (kind in ('head', 'office')),
  region text not null,
  opened_on date not null,
  unique (id, kind)
);

create table network.agency (
  id bigint primary key,
  office_id bigint not null references network.office,
  name text not null,
  unique (office_id, name)
);

create table network.point (
  id bigint primary key,
  office_id bigint not null references network.office,
  agency_id bigint not null references network.agency,
  name text not null,
  unique (agency_id, name)
);

-- Words are data per body: one says 计划 and 参保, another 活动 and 参互. Office 0 holds the association's own.
create table network.word (
  body bigint not null,
  term text not null,
  word text not null,
  primary key (body, term)
);

create table network.unit (
  office_id bigint not null,
  id bigint not null,
  name text not null,
  kind text not null check (kind in ('employer', 'joint_union', 'without_code')),
  credit_code text,
  sector text,
  agency_id bigint not null references network.agency,
  point_id bigint references network.point,
  registered_on date not null,
  primary key (office_id, id),
  unique (office_id, credit_code),
  unique (office_id, name),
  check ((kind = 'employer') = (credit_code is not null))
);

-- The employers that a joint union (联合工会) covers; their workers are enrolled by the joint union.
create table network.unit_employer (
  office_id bigint not null,
  unit_id bigint not null,
  id bigint not null,
  name text not null,
  credit_code text,
  primary key (office_id, unit_id, id),
  unique (office_id, unit_id, name),
  foreign key (office_id, unit_id) references network.unit
);

create table network.staff (
  office_id bigint not null,
  id bigint not null,
  name text not null,
  primary key (office_id, id)
);

-- Rights are role × place × term: `place` is null for a role of the whole office. Who watches an office is appointed by
-- the head office, never by the office he watches; the head office's own watchers by a resolution. The kind of the
-- appointing office is carried along, so that a CHECK can ask.
create table network.appointment (
  office_id bigint not null,
  id bigint not null,
  staff_id bigint not null,
  role text not null check (role in ('unit_officer', 'agency_clerk', 'office_reviewer', 'office_decider', 'office_finance',
    'office_releaser', 'supervisory_board', 'local_committee', 'union_audit_committee', 'administrator')),
  place_kind text check (place_kind in ('agency', 'point', 'unit')),
  place_id bigint,
  full_time boolean not null default true,
  from_on date not null,
  until_on date,
  -- he stands in for this appointment while it lasts
  deputy_for bigint,
  appointing_office bigint not null,
  appointing_kind text not null,
  appointed_by bigint not null,
  resolution text,
  ended_by bigint,
  primary key (office_id, id),
  foreign key (office_id, staff_id) references network.staff,
  foreign key (office_id, deputy_for) references network.appointment (office_id, id),
  foreign key (appointing_office, appointing_kind) references network.office (id, kind),
  check ((place_kind is null) = (place_id is null)),
  check (case role when 'unit_officer' then place_kind = 'unit' when 'agency_clerk' then place_kind in ('agency', 'point')
    else place_kind is null end),
  constraint watchers_from_above check (role not in ('supervisory_board', 'local_committee', 'union_audit_committee')
    or (appointing_kind = 'head' and resolution is not null)),
  check (deputy_for <> id),
  check (until_on >= from_on)
);
create index appointment_staff on network.appointment (office_id, staff_id);

-- One name to sign in with, for officers and members alike. Global and narrow: at sign-in the office is not yet known.
create table network.login (
  login text primary key check (login = lower(login) and length(login) between 3 and 60),
  office_id bigint not null,
  actor_kind text not null check (actor_kind in ('staff', 'member')),
  actor_id bigint not null,
  secret_hash text not null,
  -- given by an administrator: good for nothing but setting one's own
  temporary boolean not null default false,
  unique (actor_kind, office_id, actor_id)
);

alter table network.association enable row level security;
alter table network.office enable row level security;
alter table network.agency enable row level security;
alter table network.point enable row level security;
alter table network.word enable row level security;
alter table network.login enable row level security;
create policy any_office on network.association using ((select platform.office()) is not null);
create policy any_office on network.office using ((select platform.office()) is not null);
create policy any_office on network.agency using ((select platform.office()) is not null);
create policy any_office on network.point using ((select platform.office()) is not null);
create policy any_office on network.word using ((select platform.office()) is not null);
-- Whether this transaction is the head office's: it appoints those who watch the others.
create function network.in_head_office() returns boolean
  language sql stable parallel safe
  return exists (select from network.office where id = platform.office() and kind = 'head');

create policy own_office on network.login using (office_id = (select platform.office()));
create policy from_above on network.login for insert with check ((select network.in_head_office()));

alter table network.unit enable row level security;
alter table network.unit_employer enable row level security;
alter table network.staff enable row level security;
alter table network.appointment enable row level security;
create policy own_office on network.unit using (office_id = (select platform.office()));
create policy own_office on network.unit_employer using (office_id = (select platform.office()));
create policy own_office on network.staff using (office_id = (select platform.office()));
create policy from_above on network.staff for insert with check ((select network.in_head_office()));
-- An appointment is seen where it holds and where it was given, written only by who gives it, and ended only by him.
create policy seen on network.appointment for select
  using (office_id = (select platform.office()) or appointing_office = (select platform.office()));
create policy given on network.appointment for insert with check (appointing_office = (select platform.office())
  and (office_id = (select platform.office()) or (select network.in_head_office())));
create policy ended on network.appointment for update using (appointing_office = (select platform.office()));

grant select, insert on all tables in schema network to tongzhou_app;
grant update (name, agency_id, point_id) on network.unit to tongzhou_app;
grant update (until_on, ended_by) on network.appointment to tongzhou_app;
grant update (secret_hash, temporary) on network.login to tongzhou_app;
revoke select on network.login from tongzhou_app;
grant select (login, office_id, actor_kind, actor_id, temporary) on network.login to tongzhou_app;

-- Sign-in, before any context: what is needed to check one secret, for exactly one login.
create function network.sign_in_of(wanted text)
  returns table (office_id bigint, actor_kind text, actor_id bigint, secret_hash text)
  language sql stable security definer set search_path = network, pg_temp
  begin atomic
    select l.office_id, l.actor_kind, l.actor_id, l.secret_hash from network.login l where l.login = wanted;
  end;

-- Whether a name is taken anywhere; names are one list for the whole association.
create function network.login_taken(wanted text) returns boolean
  language sql stable security definer set search_path = network, pg_temp
  begin atomic
    select exists (select from network.login l where l.login = wanted);
  end;
revoke all on function network.login_taken(text) from public;
grant execute on function network.login_taken(text) to tongzhou_app;

-- Who a token is, with the appointment in force on the day; no row where the session or the appointment has ended.
create function network.session_of(token bytea, at timestamptz, on_day date)
  returns table (office_id bigint, actor_kind text, actor_id bigint, name text, role text, place_kind text, place_id bigint,
    session_id bigint, second_step_at timestamptz, temporary boolean)
  language sql stable security definer set search_path = network, platform, pg_temp
  begin atomic
    select s.office_id, s.actor_kind, s.actor_id, coalesce(f.name, ''), coalesce(a.role, 'member'), a.place_kind, a.place_id,
           s.id, s.second_step_at, coalesce(l.temporary, false)
      from platform.session s
      left join network.appointment a on a.office_id = s.office_id and a.id = s.appointment_id
        and a.from_on <= on_day and (a.until_on is null or on_day < a.until_on)
      left join network.staff f on f.office_id = a.office_id and f.id = a.staff_id
      left join network.login l on l.actor_kind = s.actor_kind and l.office_id = s.office_id and l.actor_id = s.actor_id
     where s.token_hash = token and s.ended_at is null and at < s.expires_at
       and (s.actor_kind = 'member' or a.id is not null);
  end;
revoke all on function network.sign_in_of(text), network.session_of(bytea, timestamptz, date) from public;
grant execute on function network.sign_in_of(text), network.session_of(bytea, timestamptz, date) to tongzhou_server;
