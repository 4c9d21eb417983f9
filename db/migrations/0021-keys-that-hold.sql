-- What these two keys held is held already: a roster has one plan and one first day, so that (person_id, plan, from_on) keeps
-- a person from being on it twice, and a cover's number is unique where the cover is. Each cost an entry a person enrolled.
alter table enrolment.cover drop constraint cover_office_id_person_id_roster_id_key;
alter table membership.person_cover drop constraint person_cover_cover_id_key;
