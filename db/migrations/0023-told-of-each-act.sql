-- A member is told of each act that others did for or about her. It is read from what is kept anyway: acts of record, found by
-- what they are about, and the rows of covers, payments and her unit's answers. What she says she has read is a row a line: a
-- mark at the newest would pass over an act that was begun before it and committed after.
create index act_about on platform.act (office_id, object) where actor_kind = 'staff' and command in (
  'claims.file', 'claims.withdraw', 'claims.request-papers', 'claims.hand-in-paper', 'claims.decide', 'payments.mend-account',
  'membership.issue-code', 'privacy.reveal');
create index item_of_person on claims.item (office_id, person_id);
create index due_of_person on payments.due (office_id, person_id);

create table privacy.told (
  office_id bigint not null,
  person_id bigint not null,
  line text not null,
  told_at timestamptz not null,
  primary key (office_id, person_id, line)
);
alter table privacy.told enable row level security;
create policy own_office on privacy.told using (office_id = (select platform.office()));
grant select, insert on privacy.told to tongzhou_app;

-- A line for each act; `line` names it for good. Where only the day is known, `at` is null.
create view privacy.act_about_member with (security_invoker = true) as
  select about.office_id, about.person_id, 'a' || a.id as line, about.what, (a.at at time zone 'Asia/Shanghai')::date as on_day, a.at,
         about.claim, a.role, a.place_kind, a.place_id, a.actor_id as staff_id, a.reason, about.detail
    from (
      select office_id, person_id, 'event:' || id as object, 'claims.file' as command, 'filed' as what, number as claim, '{}'::jsonb as detail
        from claims.event where filed_by_kind = 'staff'
      union all
      select office_id, person_id, 'event:' || id, 'claims.withdraw', 'withdrawn', number, '{}' from claims.event
      union all
      select e.office_id, e.person_id, 'event:' || e.id, 'claims.request-papers', 'papers_asked', e.number,
             jsonb_build_object('kinds', q.kinds, 'until', q.hand_in_until)
        from claims.event e join claims.papers_request q on q.office_id = e.office_id and q.event_id = e.id
      union all
      select e.office_id, e.person_id, 'paper:' || p.id, 'claims.hand-in-paper', 'paper', e.number, jsonb_build_object('kind', p.kind)
        from claims.event e join claims.paper p on p.office_id = e.office_id and p.event_office_id = e.office_id and p.event_id = e.id
      union all
      select i.office_id, i.person_id, 'item:' || i.id, 'claims.decide', 'decided', i.event_number,
             jsonb_build_object('outcome', d.outcome, 'fen', d.benefit_fen, 'letter', l.number)
        from claims.item i
        join claims.decision d on d.office_id = i.office_id and d.item_id = i.id
        join claims.letter l on l.office_id = i.office_id and l.item_id = i.id
      union all
      select d.office_id, d.person_id, 'due:' || d.id, 'payments.mend-account', 'account_mended', i.event_number, '{}'
        from payments.due d join claims.item i on i.office_id = d.office_id and i.id = d.item_id
      union all
      select m.office_id, m.person_id, 'member:' || p.member_number, 'membership.issue-code', 'code_issued', null, '{}'
        from membership.member m join membership.person p on p.id = m.person_id
      union all
      select m.office_id, m.person_id, 'member:' || p.member_number || ' ' || shown.what, 'privacy.reveal', 'revealed', null,
             jsonb_build_object('what', shown.what)
        from membership.member m join membership.person p on p.id = m.person_id
       cross join (values ('paper'), ('name'), ('account')) as shown (what)) about
   cross join lateral (
     select a.id, a.at, a.role, a.place_kind, a.place_id, a.actor_id, a.reason from platform.act a
      where a.office_id = about.office_id and a.object = about.object and a.command = about.command
        and a.actor_kind = 'staff' and a.command in (
          'claims.file', 'claims.withdraw', 'claims.request-papers', 'claims.hand-in-paper', 'claims.decide', 'payments.mend-account',
          'membership.issue-code', 'privacy.reveal')
      offset 0) a -- first what is hers, then the acts of it: never all acts of the office
  union all
  select i.office_id, i.person_id, 'e' || a.event_id || '.' || a.unit_id || '.' || a.sequence, 'confirmed', a.confirmed_on, a.confirmed_at,
         i.event_number, 'unit_officer', 'unit', a.unit_id, a.confirmed_by, a.reason,
         jsonb_build_object('ours', a.ours, 'leftOn', a.left_on)
    from claims.item i join claims.employment_answer a on a.office_id = i.office_id and a.event_office_id = i.event_office_id
     and a.event_id = i.event_id and a.item_id = i.id
  union all
  select k.office_id, k.person_id, 'c' || c.id, 'covered', t.activated_on, null, null, null, 'unit', c.unit_id, null, null,
         jsonb_build_object('title', e.title, 'from', c.from_on, 'until', c.until_on)
    from membership.person_cover k
    join enrolment.cover c on c.office_id = k.office_id and c.id = k.cover_id
    join enrolment.activation t on t.office_id = c.office_id and t.roster_id = c.roster_id
    join plans.edition e on e.id = c.edition_id
  union all
  select d.office_id, d.person_id, 'p' || d.id, 'paid', o.booked_on, null, i.event_number, null, null, null, null, null,
         jsonb_build_object('fen', d.amount_fen)
    from payments.due d
    join payments.outcome o on o.office_id = d.office_id and o.due_id = d.id and o.outcome = 'paid'
    join claims.item i on i.office_id = d.office_id and i.id = d.item_id
  union all
  select e.office_id, e.person_id, 's' || s.item_id || '.' || s.sequence, 'decided_elsewhere', s.told_on, null, e.number, null, null, null,
         null, null, jsonb_build_object('stage', s.stage)
    from claims.event e
    join claims.stage_elsewhere s on s.office_id = e.office_id and s.event_id = e.id and s.stage in ('decided', 'paid');
grant select on privacy.act_about_member to tongzhou_app;
