-- One stay is one event however its first day is written: the days of a stay go with it, so that another that overlaps it is seen.
-- And of one event a part of a cover pays once: the functions see to it with the person locked, the key says it once more.
alter table membership.person_event
  add column from_on date,
  add column until_on date check (until_on > from_on);
create unique index person_benefit_once on membership.person_benefit (person_id, event_office_id, event_id, cover_id, part)
  where benefit_fen > 0;
