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

-- The open page: person-times (人次), persons (人) and yuan paid by year and plan over all offices. Groups of fewer than `k`
-- persons are shown together as 'other'. Where they are fewer than `k` even together, the smallest larger group joins them,
-- so that no small group can be found by taking the rows from the total; a year of fewer than `k` persons is not shown.
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
    small as (
      select p.year, count(distinct p.person_id) as persons
        from paid p join grouped g on g.year = p.year and g.plan = p.plan and g.persons < k group by p.year),
    joins as (
      select distinct on (g.year) g.year, g.plan
        from grouped g join small s on s.year = g.year and s.persons < k
       where g.persons >= k order by g.year, g.persons, g.plan),
    shown as (
      select p.year, p.person_id, p.amount_fen,
             case when g.persons >= k and j.plan is distinct from p.plan then p.plan else 'other' end as plan
        from paid p
        join grouped g on g.year = p.year and g.plan = p.plan
        left join joins j on j.year = p.year)
    select s.year, s.plan, count(*), count(distinct s.person_id), sum(s.amount_fen)::bigint
      from shown s group by s.year, s.plan having count(distinct s.person_id) >= k
    union all
    select p.year, 'all', count(*), count(distinct p.person_id), sum(p.amount_fen)::bigint
      from paid p group by p.year having count(distinct p.person_id) >= k
     order by 1, 2;
  end;
revoke all on function disclosure.paid_totals(integer) from public;
grant execute on function disclosure.paid_totals(integer) to tongzhou_server, tongzhou_app;

-- What the open page says of the association itself, without a context.
create function disclosure.about()
  returns table (association text, demonstration boolean, offices bigint, term text, word text)
  language sql stable security definer set search_path = disclosure, network, pg_temp
  begin atomic
    select a.name, a.demonstration, (select count(*) from network.office o where o.kind = 'office'), w.term, w.word
      from network.association a left join network.word w on w.body = 0;
  end;
revoke all on function disclosure.about() from public;
grant execute on function disclosure.about() to tongzhou_server;

-- A plan's own title for the open page.
create function disclosure.plan_titles() returns table (plan text, title text)
  language sql stable security definer set search_path = disclosure, plans, pg_temp
  begin atomic
    select distinct on (e.plan) e.plan, e.title from plans.edition e order by e.plan, e.adopted_on desc, e.id desc;
  end;
revoke all on function disclosure.plan_titles() from public;
grant execute on function disclosure.plan_titles() to tongzhou_server;
