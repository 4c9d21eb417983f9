-- A certificate of a unit says that somebody of it is covered. Where everybody on a roster was left out there is none; those
-- given before keep their numbers, which name nobody.
alter table enrolment.activation alter column unit_certificate drop not null;
alter table enrolment.activation add check (unit_certificate is not null or refused = persons);
