-- That nobody reviews or decides her own claim, her kin's, or where the office says so one of her own unit's, is held here too.
-- Who is who is sealed from the database; so the application opens the links and says, for the one statement that writes the row,
-- whom and which units its writer keeps off. A row whose writer said nothing is refused, like one of somebody named.
create function claims.kept_off(p_office bigint, p_item bigint) returns boolean
  language sql stable
  return (
    select coalesce(i.person_id = any (nullif(current_setting('app.keeps_off_persons', true), '')::bigint[])
                 or i.unit_id = any (nullif(current_setting('app.keeps_off_units', true), '')::bigint[]), true)
      from claims.item i where i.office_id = p_office and i.id = p_item);
grant execute on function claims.kept_off(bigint, bigint) to tongzhou_app;

create policy not_her_own on claims.review as restrictive for insert with check (not claims.kept_off(office_id, item_id));
create policy not_her_own on claims.decision as restrictive for insert with check (not claims.kept_off(office_id, item_id));
