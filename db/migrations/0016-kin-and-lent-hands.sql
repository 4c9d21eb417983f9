-- Kin of a worker among the members: she keeps off their claims as off her own. Sealed like her own link; ended, never changed.
create table network.staff_kin (
  office_id bigint not null,
  id bigint not null,
  staff_id bigint not null,
  relation text not null check (relation in ('spouse', 'parent', 'child', 'sibling', 'in_law', 'other')),
  from_on date not null,
  until_on date check (until_on >= from_on),
  person_sealed bytea not null,
  reason text not null,
  declared_by bigint not null,
  ended_by bigint,
  primary key (office_id, id),
  foreign key (office_id, staff_id) references network.staff
);
create index staff_kin_staff on network.staff_kin (office_id, staff_id);
alter table network.staff_kin enable row level security;
create policy own_office on network.staff_kin using (office_id = (select platform.office()));
grant select, insert on network.staff_kin to tongzhou_app;
grant update (until_on, ended_by) on network.staff_kin to tongzhou_app;

-- Whoever works in an office under an appointment of another office was lent by the head office: by a resolution and for a
-- term, so that an office too small for separate hands hands up without anybody's right growing unseen.
alter table network.appointment add constraint lent_by_resolution_for_a_term check (appointing_office = office_id
  or (appointing_kind = 'head' and resolution is not null
    and (role in ('supervisory_board', 'local_committee', 'union_audit_committee') or until_on is not null)));
