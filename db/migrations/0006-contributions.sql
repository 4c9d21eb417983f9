-- Contributions: the payment notice of a closed roster, the lines of bank statements, and which money pays which notice.
-- What is not allocated stays visible as such; nothing here is edited.

create schema contributions;
grant usage on schema contributions to tongzhou_app;

create table contributions.payment_notice (
  office_id bigint not null,
  id bigint not null,
  number text not null,
  roster_id bigint not null,
  unit_id bigint not null,
  edition_id bigint not null,
  due_fen bigint not null check (due_fen > 0),
  issued_on date not null,
  pay_by date not null,
  -- locks only
  gate boolean not null default false,
  primary key (office_id, id),
  unique (office_id, number),
  unique (office_id, roster_id),
  foreign key (office_id, roster_id, unit_id, edition_id) references enrolment.roster (office_id, id, unit_id, edition_id)
);

-- One fee may be split over up to four payers; the parts of a notice add up to it.
create table contributions.payer_part (
  office_id bigint not null,
  notice_id bigint not null,
  payer text not null check (payer in ('member', 'unit', 'unit_union', 'upper_union')),
  amount_fen bigint not null check (amount_fen > 0),
  primary key (office_id, notice_id, payer),
  foreign key (office_id, notice_id) references contributions.payment_notice
);

create table contributions.statement (
  office_id bigint not null,
  id bigint not null,
  account text not null, -- our own account, by its name in the books
  content_hash bytea not null,
  lines integer not null,
  new_receipts integer not null,
  read_at timestamptz not null,
  read_by bigint not null,
  primary key (office_id, id),
  unique (office_id, account, content_hash)
);

create table contributions.receipt (
  office_id bigint not null,
  id bigint not null,
  statement_id bigint not null,
  account text not null,
  bank_reference text not null,
  received_on date not null,
  payer_name text not null, -- a unit or union; personal transfers are not taken
  note text not null,
  amount_fen bigint not null check (amount_fen > 0),
  -- locks only
  gate boolean not null default false,
  primary key (office_id, id),
  -- the same bank line in two statements is one receipt
  unique (office_id, account, bank_reference),
  foreign key (office_id, statement_id) references contributions.statement
);

create table contributions.allocation (
  office_id bigint not null,
  id bigint not null,
  receipt_id bigint not null,
  notice_id bigint not null,
  amount_fen bigint not null check (amount_fen > 0),
  allocated_on date not null,
  allocated_by bigint not null,
  primary key (office_id, id),
  unique (office_id, receipt_id, notice_id),
  foreign key (office_id, receipt_id) references contributions.receipt,
  foreign key (office_id, notice_id) references contributions.payment_notice
);
-- What a notice did not need after all: persons left out when their roster took effect, for the plan covered them already.
-- Their money leaves the notice and is free again in its receipt; it was never a contribution.
create table contributions.freed (
  office_id bigint not null,
  receipt_id bigint not null,
  notice_id bigint not null,
  amount_fen bigint not null check (amount_fen > 0),
  freed_on date not null,
  primary key (office_id, receipt_id, notice_id),
  foreign key (office_id, receipt_id, notice_id) references contributions.allocation (office_id, receipt_id, notice_id)
);
create index freed_notice on contributions.freed (office_id, notice_id);
create index allocation_notice on contributions.allocation (office_id, notice_id);

alter table contributions.payment_notice enable row level security;
alter table contributions.payer_part enable row level security;
alter table contributions.statement enable row level security;
alter table contributions.receipt enable row level security;
alter table contributions.allocation enable row level security;
alter table contributions.freed enable row level security;
create policy own_office on contributions.payment_notice using (office_id = (select platform.office()));
create policy own_office on contributions.payer_part using (office_id = (select platform.office()));
create policy own_office on contributions.statement using (office_id = (select platform.office()));
create policy own_office on contributions.receipt using (office_id = (select platform.office()));
create policy own_office on contributions.allocation using (office_id = (select platform.office()));
create policy own_office on contributions.freed using (office_id = (select platform.office()));

grant select, insert on all tables in schema contributions to tongzhou_app;
grant update (gate) on contributions.payment_notice, contributions.receipt to tongzhou_app;
