-- Nobody becomes another: whoever gave a worker a new password (or linked an identity to her login) and also takes her second step
-- away, or sets the number its codes go to, could sign in as her. The two halves take two hands, until she has signed in with a
-- second step since, or 30 days have passed (set by us, to be checked).
create table network.mended_half (
  office_id bigint not null,
  id bigint not null,
  staff_id bigint not null,
  half text not null check (half in ('password', 'second_step')),
  done_at timestamptz not null,
  done_by bigint not null check (done_by <> staff_id),
  primary key (office_id, id),
  foreign key (office_id, staff_id) references network.staff
);
create index mended_half_staff on network.mended_half (office_id, staff_id);

-- Who did the other half of what is wanted, where it still counts. An identity that somebody else linked opens her login for as
-- long as the link stands, whatever she did since.
create function network.other_half(office bigint, staff bigint, wanted text, at timestamptz)
  returns table (done_by bigint, done_at timestamptz, by_link boolean)
  language sql stable security definer set search_path = network, platform, pg_temp
  begin atomic
    select m.done_by, max(m.done_at), false from network.mended_half m
     where m.office_id = office and m.staff_id = staff and m.half <> wanted and m.done_at > at - interval '30 days'
       and not exists (select from platform.session s where s.office_id = office and s.actor_kind = 'staff' and s.actor_id = staff
         and s.second_step_at >= m.done_at and (s.ended_at is null or s.ended_at > m.done_at))
     group by m.done_by
    union all
    select l.linked_by, max(l.linked_at), true from network.oidc_link l
     where wanted = 'second_step' and l.office_id = office and l.staff_id = staff and l.removed_at is null and l.linked_by <> staff
     group by l.linked_by;
  end;
revoke all on function network.other_half(bigint, bigint, text, timestamptz) from public;
grant execute on function network.other_half(bigint, bigint, text, timestamptz) to tongzhou_app;

alter table network.mended_half enable row level security;
create policy own_office on network.mended_half using (office_id = (select platform.office()));
create policy from_above on network.mended_half using ((select network.in_head_office()));
create policy another_hand on network.mended_half as restrictive for insert with check (not exists (
  select from network.other_half(office_id, staff_id, half, done_at) o where o.done_by = mended_half.done_by));
grant select, insert on network.mended_half to tongzhou_app;

-- Whether an office has an administrator on a day, besides those named; asked of other offices too, by the head office.
create function network.has_administrator(office bigint, besides bigint[], on_day date) returns boolean
  language sql stable security definer set search_path = network, pg_temp
  begin atomic
    select exists (select from network.appointment a
      where a.office_id = office and a.role = 'administrator' and a.staff_id <> all (besides)
        and a.from_on <= on_day and (a.until_on is null or on_day < a.until_on));
  end;
revoke all on function network.has_administrator(bigint, bigint[], date) from public;
grant execute on function network.has_administrator(bigint, bigint[], date) to tongzhou_app;

-- Where an office has no other administrator, the head office's does the other half: it reaches whose first half was done.
create or replace function network.helped_from_above(office bigint, staff bigint) returns boolean
  language sql stable parallel safe
  return exists (select from network.appointment a
      where a.office_id = office and a.staff_id = staff and a.appointing_office = platform.office())
    or exists (select from network.mended_half m where m.office_id = office and m.staff_id = staff);
