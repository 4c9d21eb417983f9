-- Whom the head office appointed in another office (a watcher, a lent hand), that office must not help when she loses her
-- password, authenticator, key or telephone; so the head office does. It reaches the sign-in of those it appointed, and only those.
create function network.helped_from_above(office bigint, staff bigint) returns boolean
  language sql stable parallel safe
  return exists (select from network.appointment a
    where a.office_id = office and a.staff_id = staff and a.appointing_office = platform.office());

create policy seen_from_above on network.staff for select
  using ((select network.in_head_office()) and network.helped_from_above(office_id, id));
create policy seen_from_above on network.login for select
  using ((select network.in_head_office()) and actor_kind = 'staff' and network.helped_from_above(office_id, actor_id));
create policy helped_from_above on network.login for update
  using ((select network.in_head_office()) and actor_kind = 'staff' and network.helped_from_above(office_id, actor_id));
create policy seen_from_above on network.second_step for select
  using ((select network.in_head_office()) and actor_kind = 'staff' and network.helped_from_above(office_id, actor_id));
create policy helped_from_above on network.second_step for update
  using ((select network.in_head_office()) and actor_kind = 'staff' and network.helped_from_above(office_id, actor_id));
create policy seen_from_above on network.second_key for select
  using ((select network.in_head_office()) and actor_kind = 'staff' and network.helped_from_above(office_id, actor_id));
create policy helped_from_above on network.second_key for update
  using ((select network.in_head_office()) and actor_kind = 'staff' and network.helped_from_above(office_id, actor_id));
create policy seen_from_above on platform.session for select
  using ((select network.in_head_office()) and actor_kind = 'staff' and network.helped_from_above(office_id, actor_id));
create policy ended_from_above on platform.session for update
  using ((select network.in_head_office()) and actor_kind = 'staff' and network.helped_from_above(office_id, actor_id));
