-- A limit of authority is held here too. Of each appointment by which a worker may decide, the limit that was set for it goes
-- before that of the role, for the part before for all, for the plan before for all, the newest before the older; she may decide
-- what one of them reaches.
create function claims.above_limit(p_office bigint, p_staff bigint, p_item bigint, p_fen bigint, p_on date) returns boolean
  language sql stable
  return (
    select coalesce(bool_and(coalesce(most.fen < p_fen, false)), false)
      from claims.item i
      join network.appointment a on a.office_id = i.office_id and a.staff_id = p_staff
       and a.role in ('office_decider', 'agency_clerk') and a.from_on <= p_on and (a.until_on is null or p_on < a.until_on)
      left join lateral (
        select l.most_fen as fen from network.authority_limit l
         where l.office_id = a.office_id and (l.role = a.role or l.appointment_id = a.id)
           and (l.plan is null or l.plan = i.plan) and (l.part is null or l.part = i.part)
           and l.from_on <= p_on and (l.until_on is null or p_on < l.until_on)
         order by l.appointment_id is null, l.part is null, l.plan is null, l.from_on desc, l.most_fen limit 1) most on true
     where i.office_id = p_office and i.id = p_item);
grant execute on function claims.above_limit(bigint, bigint, bigint, bigint, date) to tongzhou_app;

create policy within_limit on claims.decision as restrictive for insert
  with check (not claims.above_limit(office_id, decided_by, item_id, benefit_fen, decided_on));
