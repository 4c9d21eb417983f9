-- A member's number is made of the person's id, so that the id's own key keeps it unique: the check holds the one, and the other key,
-- an entry a person enrolled, has nothing left to hold. Who is looked for by a number is looked for by its id.
alter table membership.person
  drop constraint person_member_number_key,
  add constraint person_member_number_is_of_id check (member_number = 'M' || lpad(id::text, greatest(10, length(id::text)), '0'));
