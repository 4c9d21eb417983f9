-- Payments: what is due, the batches a bank is given, and what the bank answered item by item. Every attempt after the
-- first hangs on the failure before it, so that no benefit can be sent twice.

create schema payments;
grant usage on schema payments to tongzhou_app;

create table payments.due (
  office_id bigint not null,
  id bigint not null,
  item_id bigint not null,
  person_id bigint not null,
  unit_id bigint not null,
  plan text not null,
  fund text not null,
  amount_fen bigint not null check (amount_fen > 0),
  payee_kind text not null,
  payee_name_sealed bytea not null,
  account_sealed bytea not null,
  bank_branch text not null,
  -- 'before': paid only after its notice has ended without an open objection
  notice text not null check (notice in ('before', 'after')),
  name_in_notice boolean not null,
  due_on date not null,
  primary key (office_id, id),
  unique (office_id, item_id)
);
create index due_day on payments.due (office_id, due_on);

create table payments.batch (
  office_id bigint not null,
  id bigint not null,
  number text not null,
  layout text not null,
  items integer not null check (items > 0),
  total_fen bigint not null check (total_fen > 0),
  made_by bigint not null,
  made_on date not null,
  primary key (office_id, id),
  unique (office_id, number),
  unique (office_id, id, made_by)
);

create table payments.attempt (
  office_id bigint not null,
  due_id bigint not null,
  attempt integer not null check (attempt between 1 and 20),
  batch_id bigint not null,
  line integer not null,
  reference text not null,
  amount_fen bigint not null check (amount_fen > 0),
  -- the failed attempt that this one mends
  after_attempt integer,
  after_outcome text,
  primary key (office_id, due_id, attempt),
  unique (office_id, reference),
  unique (office_id, batch_id, line),
  foreign key (office_id, due_id) references payments.due,
  foreign key (office_id, batch_id) references payments.batch,
  check ((attempt = 1) = (after_attempt is null)),
  check (attempt = 1 or (after_attempt = attempt - 1 and after_outcome = 'failed'))
);

-- Who made the batch cannot release it.
create table payments.release (
  office_id bigint not null,
  batch_id bigint not null,
  made_by bigint not null,
  released_by bigint not null,
  released_on date not null,
  primary key (office_id, batch_id),
  foreign key (office_id, batch_id, made_by) references payments.batch (office_id, id, made_by),
  check (released_by <> made_by)
);

create table payments.answer (
  office_id bigint not null,
  id bigint not null,
  batch_id bigint not null,
  content_hash bytea not null,
  paid integer not null,
  failed integer not null,
  read_by bigint not null,
  read_on date not null,
  primary key (office_id, id),
  unique (office_id, batch_id, content_hash),
  foreign key (office_id, batch_id) references payments.release
);

create table payments.outcome (
  office_id bigint not null,
  due_id bigint not null,
  attempt integer not null,
  outcome text not null check (outcome in ('paid', 'failed')),
  reason text,
  answer_id bigint not null,
  booked_on date not null,
  primary key (office_id, due_id, attempt),
  unique (office_id, due_id, attempt, outcome),
  foreign key (office_id, due_id, attempt) references payments.attempt,
  foreign key (office_id, answer_id) references payments.answer,
  check ((outcome = 'failed') = (reason is not null))
);
alter table payments.attempt add foreign key (office_id, due_id, after_attempt, after_outcome)
  references payments.outcome (office_id, due_id, attempt, outcome);

-- A failed item's mended account; the newest one is used by the next attempt.
create table payments.mended_account (
  office_id bigint not null,
  due_id bigint not null,
  for_attempt integer not null check (for_attempt > 1),
  payee_name_sealed bytea not null,
  account_sealed bytea not null,
  bank_branch text not null,
  reason text not null,
  mended_by bigint not null,
  mended_on date not null,
  primary key (office_id, due_id, for_attempt),
  foreign key (office_id, due_id) references payments.due
);

alter table payments.due enable row level security;
alter table payments.batch enable row level security;
alter table payments.attempt enable row level security;
alter table payments.release enable row level security;
alter table payments.answer enable row level security;
alter table payments.outcome enable row level security;
alter table payments.mended_account enable row level security;
create policy own_office on payments.due using (office_id = (select platform.office()));
create policy own_office on payments.batch using (office_id = (select platform.office()));
create policy own_office on payments.attempt using (office_id = (select platform.office()));
create policy own_office on payments.release using (office_id = (select platform.office()));
create policy own_office on payments.answer using (office_id = (select platform.office()));
create policy own_office on payments.outcome using (office_id = (select platform.office()));
create policy own_office on payments.mended_account using (office_id = (select platform.office()));
grant select, insert on all tables in schema payments to tongzhou_app;
