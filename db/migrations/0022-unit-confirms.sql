-- Of a claim that a member filed herself her unit confirms identity and employment, and sees nothing else of it. The answer
-- stands in the office of the item, one a unit and event; a mistaken one is corrected by another that names it, and the newest
-- counts. Only what a member filed is asked about, so that nobody confirms what he filed himself.
create table claims.employment_answer (
  office_id bigint not null,
  event_office_id bigint not null,
  event_id bigint not null,
  unit_id bigint not null,
  sequence integer not null check (sequence between 1 and 20),
  -- an item of the event under a cover through this unit, with who filed it carried along
  item_id bigint not null,
  filed_by_kind text not null check (filed_by_kind = 'member'),
  filed_by bigint not null,
  ours boolean not null,
  employment text check (employment in ('employed', 'left')),
  left_on date,
  reason text,
  confirmed_by bigint not null,
  confirmed_on date not null,
  confirmed_at timestamptz not null,
  primary key (office_id, event_office_id, event_id, unit_id, sequence),
  foreign key (office_id, item_id, filed_by_kind, filed_by) references claims.item (office_id, id, filed_by_kind, filed_by),
  foreign key (office_id, unit_id) references network.unit,
  foreign key (office_id, confirmed_by) references network.staff,
  check (ours = (employment is not null)),
  check ((employment is not distinct from 'left') = (left_on is not null)),
  -- whatever is not a plain yes said for the first time has its reason
  check ((ours and employment = 'employed' and sequence = 1) or coalesce(length(reason), 0) >= 4)
);
alter table claims.employment_answer enable row level security;
create policy own_office on claims.employment_answer using (office_id = (select platform.office()));
grant select, insert on claims.employment_answer to tongzhou_app;

-- The claims that a unit is asked about.
create index item_of_unit on claims.item (office_id, unit_id, event_id);
