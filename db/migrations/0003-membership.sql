-- Membership is a record beside cover: one person for life whatever the employer or office, a member row in each office
-- that knows her, and what follows her everywhere in narrow tables keyed by her person number.

create schema membership;
grant usage on schema membership to tongzhou_app;

-- Global and narrow: the keyed hash of the paper's number, the member number kept for life. `gate` holds nothing: it is
-- the one column the application may update, so that a deciding transaction can lock the person.
create table membership.person (
  id bigint primary key,
  paper_hash bytea not null unique,
  member_number text not null unique,
  gate boolean not null default false
);

-- Written in sets beside the person's own row, in one statement; a foreign key is checked row by row and costs more than
-- the row, so `doctor` asks instead (members-known). Nobody may remove a person.
create table membership.member (
  office_id bigint not null,
  person_id bigint not null,
  name_sealed bytea not null,
  paper_kind text not null,
  paper_sealed bytea not null,
  sex text check (sex in ('F', 'M')),
  born_on date,
  joined_on date not null,
  primary key (office_id, person_id)
);

-- A unit joins by group application (团体入会申请) with its stamp; accepting it is a row of its own.
create table membership.unit_application (
  office_id bigint not null,
  id bigint not null,
  unit_id bigint not null,
  applied_on date not null,
  workers integer not null check (workers > 0),
  paper_file_id bigint not null,
  filed_by bigint not null,
  primary key (office_id, id),
  unique (office_id, id, filed_by),
  foreign key (office_id, unit_id) references network.unit,
  foreign key (office_id, paper_file_id) references platform.file
);
create table membership.unit_admission (
  office_id bigint not null,
  unit_id bigint not null,
  application_id bigint not null,
  filed_by bigint not null,
  admitted_on date not null,
  admitted_by bigint not null,
  primary key (office_id, unit_id),
  foreign key (office_id, application_id, filed_by) references membership.unit_application (office_id, id, filed_by),
  check (admitted_by <> filed_by)
);

-- Written in sets beside the member rows, in the same transaction; foreign keys checked row by row would cost more than
-- the rows, so `doctor` asks instead (belongings-known, covers-known-everywhere).
-- Which units enrolled her, each from when first. Leaving does not end a cover, so nothing of cover hangs on this row.
create table membership.belonging (
  office_id bigint not null,
  person_id bigint not null,
  unit_id bigint not null,
  from_on date not null,
  primary key (office_id, person_id, unit_id)
);
create index belonging_unit on membership.belonging (office_id, unit_id);

-- Every cover of a person, in any unit, office or plan: half-open days.
create table membership.person_cover (
  person_id bigint not null,
  plan text not null,
  from_on date not null,
  until_on date not null check (until_on > from_on),
  office_id bigint not null,
  cover_id bigint not null,
  edition_id bigint not null,
  unit_id bigint not null,
  shares integer not null check (shares > 0),
  primary key (person_id, plan, from_on),
  unique (cover_id)
);

-- Activations of one plan stand in line here, so that nobody is covered twice by one plan even in two offices at once.
create table membership.plan_gate (
  plan text primary key,
  gate boolean not null default false
);

-- Every decided benefit of a person: what limits are counted from, which illness was paid, what ended. Only appended; an
-- undo is the opposite row.
create table membership.person_benefit (
  person_id bigint not null references membership.person,
  item_id bigint not null,
  office_id bigint not null,
  cover_id bigint not null,
  plan text not null,
  edition_id bigint not null,
  part text not null,
  event_office_id bigint not null,
  event_id bigint not null,
  key_on date not null,
  decided_on date not null,
  benefit_fen bigint not null,
  -- figures later claims of the same window stand on: accumulated base, days, the illness code, severity
  carried jsonb not null,
  bars_illness text,
  ends_cover boolean not null,
  primary key (person_id, item_id)
);

-- What a person has claimed for, wherever she told it: one stay, one accident, one diagnosis is one event. A withdrawn
-- event leaves, so that it may be told again.
create table membership.person_event (
  person_id bigint not null references membership.person,
  occurrence text not null,
  office_id bigint not null,
  event_id bigint not null,
  number text not null,
  primary key (person_id, occurrence)
);

alter table membership.person_event enable row level security;
create policy any_office on membership.person_event using ((select platform.office()) is not null)
  with check (office_id = (select platform.office()));
alter table membership.person enable row level security;
alter table membership.person_cover enable row level security;
alter table membership.plan_gate enable row level security;
alter table membership.person_benefit enable row level security;
create policy any_office on membership.person using ((select platform.office()) is not null);
create policy any_office on membership.person_cover using ((select platform.office()) is not null)
  with check (office_id = (select platform.office()));
create policy any_office on membership.plan_gate using ((select platform.office()) is not null);
create policy any_office on membership.person_benefit using ((select platform.office()) is not null)
  with check (office_id = (select platform.office()));

alter table membership.member enable row level security;
alter table membership.unit_application enable row level security;
alter table membership.unit_admission enable row level security;
alter table membership.belonging enable row level security;
create policy own_office on membership.member using (office_id = (select platform.office()));
create policy own_office on membership.unit_application using (office_id = (select platform.office()));
create policy own_office on membership.unit_admission using (office_id = (select platform.office()));
create policy own_office on membership.belonging using (office_id = (select platform.office()));

grant select, insert on all tables in schema membership to tongzhou_app;
grant delete on membership.person_event to tongzhou_app;
grant update (gate) on membership.person, membership.plan_gate to tongzhou_app;
