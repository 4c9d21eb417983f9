-- Claims: one event with one set of papers, told once, in one office. Each cover and benefit part it touches is an item,
-- decided in the office of that cover. Facts claimed are never updated; a regrade is a review that carries new facts.

create schema claims;
grant usage on schema claims to tongzhou_app;

create table claims.event (
  office_id bigint not null,
  id bigint not null,
  number text not null,
  person_id bigint not null,
  kind text not null,
  -- figures in fen, days, dates and codes a decision is computed from; no name, no words
  facts jsonb not null,
  words_sealed bytea,
  filed_by_kind text not null check (filed_by_kind in ('member', 'staff')),
  filed_by bigint not null,
  mandate_file_id bigint,
  name_in_notice boolean not null,
  payee_kind text not null check (payee_kind in ('member', 'union_account')),
  payee_name_sealed bytea not null,
  account_sealed bytea not null,
  bank_branch text not null,
  filed_on date not null,
  filed_at timestamptz not null,
  primary key (office_id, id),
  unique (office_id, number),
  foreign key (office_id, person_id) references membership.member,
  foreign key (office_id, mandate_file_id) references platform.file,
  -- an officer files with the member's mandate; the member herself needs none
  check ((filed_by_kind = 'staff') = (mandate_file_id is not null))
);
create index event_person on claims.event (office_id, person_id);

-- Papers of an event, in the office where it was told and, as copies of the rows, in each office that decides an item of it.
create table claims.paper (
  office_id bigint not null,
  event_office_id bigint not null,
  event_id bigint not null,
  id bigint not null,
  kind text not null,
  file_id bigint not null,
  handed_in_at timestamptz not null,
  primary key (office_id, event_office_id, event_id, id),
  foreign key (office_id, file_id) references platform.file
);

-- What is missing is asked for once, all together (一次性告知).
create table claims.papers_request (
  office_id bigint not null,
  event_id bigint not null,
  kinds text[] not null check (cardinality(kinds) > 0),
  hand_in_until date not null,
  asked_by bigint not null,
  asked_on date not null,
  primary key (office_id, event_id),
  foreign key (office_id, event_id) references claims.event
);

create table claims.item (
  office_id bigint not null, -- the office of the cover: it decides
  id bigint not null,
  event_office_id bigint not null,
  event_id bigint not null,
  event_number text not null,
  person_id bigint not null,
  unit_id bigint not null,
  cover_id bigint not null,
  edition_id bigint not null references plans.edition,
  plan text not null,
  part text not null,
  key_on date not null,
  facts jsonb not null,
  -- who filed the event, carried along so that the database too can refuse that he decides
  filed_by_kind text not null,
  filed_by bigint not null,
  name_in_notice boolean not null,
  payee_kind text not null,
  payee_name_sealed bytea not null,
  account_sealed bytea not null,
  bank_branch text not null,
  levels integer not null check (levels between 1 and 4), -- reviews needed; the last one decides
  proposed_fen bigint check (proposed_fen >= 0), -- null: something is missing or in the way, said in proposal
  proposal jsonb not null,
  opened_on date not null,
  primary key (office_id, id),
  unique (office_id, cover_id, event_office_id, event_id, part),
  unique (office_id, id, filed_by_kind, filed_by),
  foreign key (office_id, cover_id) references enrolment.cover
);
create index item_event on claims.item (office_id, event_office_id, event_id);
create index item_opened on claims.item (office_id, opened_on);

-- One review a level; who reviewed one level does not review the next (asked in the function, and again by doctor).
create table claims.review (
  office_id bigint not null,
  item_id bigint not null,
  level integer not null,
  filed_by_kind text not null,
  filed_by bigint not null,
  reviewed_by bigint not null,
  verdict text not null check (verdict in ('pass', 'regrade')),
  -- the facts as the reviewer sees them, where they differ; upward too
  facts jsonb,
  -- the benefit part that the facts now support, where it is another one than was claimed
  part text,
  reason text,
  reviewed_on date not null,
  primary key (office_id, item_id, level),
  foreign key (office_id, item_id, filed_by_kind, filed_by) references claims.item (office_id, id, filed_by_kind, filed_by),
  check (not (filed_by_kind = 'staff' and filed_by = reviewed_by)),
  check (verdict = 'pass' or (facts is not null and length(reason) >= 4))
);

-- An item ends once: decided, or withdrawn by the member. The key decides the race.
create table claims.item_end (
  office_id bigint not null,
  item_id bigint not null,
  how text not null check (how in ('decided', 'withdrawn')),
  ended_on date not null,
  primary key (office_id, item_id),
  unique (office_id, item_id, how),
  foreign key (office_id, item_id) references claims.item
);

create table claims.decision (
  office_id bigint not null,
  item_id bigint not null,
  how text not null default 'decided' check (how = 'decided'),
  filed_by_kind text not null,
  filed_by bigint not null,
  part text not null,
  outcome text not null check (outcome in ('granted', 'refused')),
  benefit_fen bigint not null check (benefit_fen >= 0),
  -- everything a replay needs: facts, the earlier benefits counted, the cover's terms, the edition by its hash, the engine
  inputs jsonb not null,
  workings jsonb not null,
  refused_because jsonb,
  edition_sha256 text not null,
  engine text not null,
  decided_by bigint not null,
  decided_on date not null,
  primary key (office_id, item_id),
  foreign key (office_id, item_id, how) references claims.item_end (office_id, item_id, how),
  foreign key (office_id, item_id, filed_by_kind, filed_by) references claims.item (office_id, id, filed_by_kind, filed_by),
  check (not (filed_by_kind = 'staff' and filed_by = decided_by)),
  check ((outcome = 'granted') = (benefit_fen > 0)),
  check ((outcome = 'refused') = (refused_because is not null))
);
create index decision_day on claims.decision (office_id, decided_on);

-- The letter of a decision: its number, and where and until when to object. Its text is rendered from the workings.
create table claims.letter (
  office_id bigint not null,
  item_id bigint not null,
  number text not null,
  kind text not null check (kind in ('granted', 'part', 'refused')),
  object_until date not null,
  object_where text not null,
  issued_on date not null,
  primary key (office_id, item_id),
  unique (office_id, number),
  foreign key (office_id, item_id) references claims.decision
);

-- What the office where the event was told sees of an item that another office decides: its stage only.
create table claims.stage_elsewhere (
  office_id bigint not null,
  event_id bigint not null,
  item_id bigint not null,
  sequence integer not null,
  stage text not null check (stage in ('opened', 'decided', 'withdrawn', 'paid')),
  told_on date not null,
  primary key (office_id, event_id, item_id, stage),
  foreign key (office_id, event_id) references claims.event
);

alter table claims.event enable row level security;
alter table claims.paper enable row level security;
alter table claims.papers_request enable row level security;
alter table claims.item enable row level security;
alter table claims.review enable row level security;
alter table claims.item_end enable row level security;
alter table claims.decision enable row level security;
alter table claims.letter enable row level security;
alter table claims.stage_elsewhere enable row level security;
create policy own_office on claims.event using (office_id = (select platform.office()));
create policy own_office on claims.paper using (office_id = (select platform.office()));
create policy own_office on claims.papers_request using (office_id = (select platform.office()));
create policy own_office on claims.item using (office_id = (select platform.office()));
create policy own_office on claims.review using (office_id = (select platform.office()));
create policy own_office on claims.item_end using (office_id = (select platform.office()));
create policy own_office on claims.decision using (office_id = (select platform.office()));
create policy own_office on claims.letter using (office_id = (select platform.office()));
create policy own_office on claims.stage_elsewhere using (office_id = (select platform.office()));
grant select, insert on all tables in schema claims to tongzhou_app;
