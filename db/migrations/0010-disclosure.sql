-- Publication: numbered lists for objection (公示), up for their days and then down, and fingerprints that stay. The open
-- page shows totals only, and no group smaller than k.

create schema disclosure;
grant usage on schema disclosure to tongzhou_app, tongzhou_server;

create table disclosure.list (
  office_id bigint not null,
  id bigint not null,
  number text not null,
  unit_id bigint not null,
  -- a list before payment gathers what was decided; one after payment, what a batch paid
  before_payment boolean not null,
  batch_id bigint,
  opens_on date not null,
  until_on date not null check (until_on > opens_on),
  rows integer not null check (rows > 0),
  total_fen bigint not null check (total_fen > 0),
  made_by bigint not null,
  primary key (office_id, id),
  unique (office_id, number),
  foreign key (office_id, unit_id) references network.unit
);
create index list_unit on disclosure.list (office_id, unit_id, until_on);

create table disclosure.row (
  office_id bigint not null,
  list_id bigint not null,
  line integer not null,
  due_id bigint not null,
  masked_name text, -- null without consent, or where even the masked name would be obvious
  amount_fen bigint not null check (amount_fen > 0),
  -- SHA-256 of (salt, number, line, masked name, unit, amount); the salt is made from the member's key
  fingerprint bytea not null,
  primary key (office_id, list_id, line),
  unique (office_id, due_id), -- published once
  foreign key (office_id, list_id) references disclosure.list,
  foreign key (office_id, due_id) references payments.due
);

alter table disclosure.list enable row level security;
alter table disclosure.row enable row level security;
create policy own_office on disclosure.list using (office_id = (select platform.office()));
create policy own_office on disclosure.row using (office_id = (select platform.office()));
grant select, insert on all tables in schema disclosure to tongzhou_app;

-- The open page: person-times (人次), persons (人) and yuan paid by year and plan over all offices. A group of fewer than
-- `k` persons shows no plan: it is added to 'other', and an 'other' that is still too small is not shown by itself.
create function disclosure.paid_totals(k integer)
  returns table (year integer, plan text, person_times bigint, persons bigint, paid_fen bigint)
  language sql stable security definer set search_path = disclosure, payments, pg_temp
  begin atomic
    with paid as (
      select extract(year from o.booked_on)::integer as year, d.plan, d.person_id, d.amount_fen
        from payments.outcome o
        join payments.due d on d.office_id = o.office_id and d.id = o.due_id
       where o.outcome = 'paid'),
    grouped as (
      select p.year, p.plan, count(distinct p.person_id) as persons from paid p group by p.year, p.plan),
    shown as (
      select p.year, p.person_id, p.amount_fen, case when g.persons >= k then p.plan end as plan
        from paid p join grouped g on g.year = p.year and g.plan = p.plan)
    select s.year, coalesce(s.plan, 'other'), count(*), count(distinct s.person_id), sum(s.amount_fen)::bigint
      from shown s group by s.year, s.plan having count(distinct s.person_id) >= k
    union all
    select p.year, 'all', count(*), count(distinct p.person_id), sum(p.amount_fen)::bigint
      from paid p group by p.year
     order by 1, 2;
  end;
revoke all on function disclosure.paid_totals(integer) from public;
grant execute on function disclosure.paid_totals(integer) to tongzhou_server, tongzhou_app;
