-- The same file may be worked on again: in the other mode, or because its rows were taken off or replaced since. Whether it is
-- the same again is asked under the roster's lock, which its files take one after the other; the key only finds it.
alter table enrolment.hand_in drop constraint hand_in_office_id_roster_id_content_hash_key;
create index hand_in_content on enrolment.hand_in (office_id, roster_id, content_hash, mode, id);
