-- Group enrolment: a roster is opened for a unit and an edition, files are handed in, the head count is stated and
-- confirmed, the roster is closed with its ratio and fee, and money makes it effective: then there are covers.

create schema enrolment;
grant usage on schema enrolment to tongzhou_app;

create table enrolment.roster (
  office_id bigint not null,
  id bigint not null,
  unit_id bigint not null,
  edition_id bigint not null references plans.edition,
  -- the day from which the unit would like cover, where the edition lets it agree on one
  common_day date,
  opened_on date not null,
  opened_by bigint not null,
  -- locks only, as membership.person
  gate boolean not null default false,
  primary key (office_id, id),
  unique (office_id, id, unit_id, edition_id),
  foreign key (office_id, unit_id) references network.unit
);
create index roster_unit on enrolment.roster (office_id, unit_id);

-- One file handed in: rows in = accepted + to mend. The same bytes again meet the unique key and get the first answer.
create table enrolment.hand_in (
  office_id bigint not null,
  id bigint not null,
  roster_id bigint not null,
  content_hash bytea not null,
  mode text not null check (mode in ('good_rows', 'all_or_nothing')),
  rows_in integer not null,
  accepted integer not null,
  to_mend integer not null,
  already_in integer not null,
  defects jsonb not null, -- code → count, no personal data
  file_id bigint not null, -- the file as it was handed in
  defects_file_id bigint not null, -- row number → defects, sealed; the report is made of both when it is asked for
  handed_in_at timestamptz not null,
  handed_in_by bigint not null,
  primary key (office_id, id),
  unique (office_id, roster_id, content_hash),
  foreign key (office_id, roster_id) references enrolment.roster,
  foreign key (office_id, file_id) references platform.file,
  foreign key (office_id, defects_file_id) references platform.file,
  check (rows_in = accepted + to_mend and already_in <= accepted and accepted >= 0 and to_mend >= 0)
);

create table enrolment.roster_row (
  office_id bigint not null,
  roster_id bigint not null,
  paper_hash bytea not null,
  hand_in_id bigint not null,
  row_number integer not null,
  paper_kind text not null,
  paper_sealed bytea not null,
  name_sealed bytea not null,
  sex text check (sex in ('F', 'M')),
  born_on date,
  staff_number text,
  shares integer not null check (shares > 0),
  option text,
  primary key (office_id, roster_id, paper_hash)
  -- No keys to roster and hand_in: both are one and the same for a whole file, whose transaction holds the roster locked
  -- and writes the hand-in; a check a row would cost as much as the row. `doctor` asks instead (roster-rows-known).
);

-- COPY lands here: hashes and ciphertext only, no row-level security (COPY into a protected table is refused), not logged.
create unlogged table enrolment.staged_row (
  run bigint not null,
  row_number integer not null,
  paper_hash bytea not null,
  paper_kind text not null,
  paper_sealed bytea not null,
  name_sealed bytea not null,
  sex text,
  born_on date,
  staff_number text,
  shares integer not null,
  option text
);
create index staged_row_run on enrolment.staged_row (run);

create table enrolment.head_count (
  office_id bigint not null,
  id bigint not null,
  roster_id bigint not null,
  kind text not null check (kind in ('staff', 'union_members', 'women')),
  counted_on date not null,
  heads integer not null check (heads > 0),
  proof_file_id bigint not null,
  stated_by bigint not null,
  stated_at timestamptz not null,
  primary key (office_id, id),
  unique (office_id, id, roster_id, stated_by),
  foreign key (office_id, roster_id) references enrolment.roster,
  foreign key (office_id, proof_file_id) references platform.file
);
-- The agency confirms one stated head count of a roster; who stated it cannot.
create table enrolment.head_count_confirmation (
  office_id bigint not null,
  roster_id bigint not null,
  head_count_id bigint not null,
  stated_by bigint not null,
  confirmed_by bigint not null,
  confirmed_at timestamptz not null,
  primary key (office_id, roster_id),
  foreign key (office_id, head_count_id, roster_id, stated_by)
    references enrolment.head_count (office_id, id, roster_id, stated_by),
  check (confirmed_by <> stated_by)
);

create table enrolment.closing (
  office_id bigint not null,
  roster_id bigint not null,
  persons integer not null check (persons > 0),
  heads integer not null,
  ratio_needed integer not null, -- basis points
  fee_fen bigint not null check (fee_fen > 0),
  -- the day whose contribution was asked for: the cover's first day as expected then; late money does not change the price
  priced_on date not null,
  closed_on date not null,
  closed_by bigint not null,
  primary key (office_id, roster_id),
  foreign key (office_id, roster_id) references enrolment.roster
);

-- The enrolment became effective: one row per roster, so that it happens once.
create table enrolment.activation (
  office_id bigint not null,
  roster_id bigint not null,
  unit_certificate text not null,
  from_on date not null,
  until_on date not null check (until_on > from_on),
  persons integer not null check (persons > 0),
  refused integer not null default 0,
  activated_on date not null,
  primary key (office_id, roster_id),
  unique (office_id, unit_certificate),
  foreign key (office_id, roster_id) references enrolment.closing
);

create table enrolment.cover (
  office_id bigint not null,
  id bigint not null,
  certificate text not null,
  person_id bigint not null,
  unit_id bigint not null,
  edition_id bigint not null, -- the roster's, which holds the key to plans.edition
  plan text not null,
  roster_id bigint not null,
  from_on date not null,
  until_on date not null check (until_on > from_on),
  shares integer not null check (shares > 0),
  option text,
  fee_fen bigint not null check (fee_fen >= 0),
  -- covered before without a longer break than the edition's grace: no new waiting
  continuous boolean not null,
  primary key (office_id, id),
  -- once per person and roster; the person first, so that her covers are found by it too
  unique (office_id, person_id, roster_id)
  -- No keys to activation and member: they are written in the same statement; `doctor` asks (covers-have-members).
);

alter table enrolment.roster enable row level security;
alter table enrolment.hand_in enable row level security;
alter table enrolment.roster_row enable row level security;
alter table enrolment.head_count enable row level security;
alter table enrolment.head_count_confirmation enable row level security;
alter table enrolment.closing enable row level security;
alter table enrolment.activation enable row level security;
alter table enrolment.cover enable row level security;
create policy own_office on enrolment.roster using (office_id = (select platform.office()));
create policy own_office on enrolment.hand_in using (office_id = (select platform.office()));
create policy own_office on enrolment.roster_row using (office_id = (select platform.office()));
create policy own_office on enrolment.head_count using (office_id = (select platform.office()));
create policy own_office on enrolment.head_count_confirmation using (office_id = (select platform.office()));
create policy own_office on enrolment.closing using (office_id = (select platform.office()));
create policy own_office on enrolment.activation using (office_id = (select platform.office()));
create policy own_office on enrolment.cover using (office_id = (select platform.office()));

grant select, insert on all tables in schema enrolment to tongzhou_app;
grant update (gate) on enrolment.roster to tongzhou_app;
grant delete on enrolment.staged_row, enrolment.roster_row to tongzhou_app;
