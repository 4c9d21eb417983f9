-- A key given again is answered by the first answer only where the same is asked: a keyed hash of the request stands beside it.
-- Rows of before, and commands that no request gave, have none.
alter table platform.idempotency add column asked bytea;

-- The covers of a unit: its list on the screen, and how many of it a plan covers when a notice is made. A roster's rows are one
-- key, so that bringing in a hundred thousand adds to one end of it.
create index cover_of_unit on enrolment.cover (office_id, unit_id, plan);
