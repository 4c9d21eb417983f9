-- Single sign-on: which identity of a body's own provider (OpenID Connect) opens which officer's login. The provider's `sub`
-- lies as a keyed hash with its issuer; one identity opens one login in the whole association, and a login has one identity
-- of an issuer. A link that was taken off stays as a row. Nobody comes to be by signing in: without a row there is no session.
create table network.oidc_link (
  office_id bigint not null,
  id bigint not null,
  staff_id bigint not null,
  issuer text not null check (length(issuer) between 8 and 500),
  subject_hash bytea not null check (length(subject_hash) = 32),
  linked_at timestamptz not null,
  -- herself, after her password and second step; or an administrator: then the provider's second factor does not count
  linked_by bigint not null,
  removed_at timestamptz,
  removed_by bigint,
  primary key (office_id, id),
  foreign key (office_id, staff_id) references network.staff,
  check ((removed_at is null) = (removed_by is null))
);
create unique index oidc_link_subject on network.oidc_link (subject_hash) where removed_at is null;
create unique index oidc_link_staff on network.oidc_link (office_id, staff_id, issuer) where removed_at is null;
alter table network.oidc_link enable row level security;
create policy own_office on network.oidc_link using (office_id = (select platform.office()));
grant select, insert, update (removed_at, removed_by) on network.oidc_link to tongzhou_app;

-- Sign-in, before any context: whose an identity is, for exactly one.
create function network.oidc_sign_in_of(subject bytea)
  returns table (office_id bigint, staff_id bigint, link_id bigint, by_herself boolean)
  language sql stable security definer set search_path = network, pg_temp
  begin atomic
    select l.office_id, l.staff_id, l.id, l.linked_by = l.staff_id from network.oidc_link l
     where l.subject_hash = subject and l.removed_at is null;
  end;
revoke all on function network.oidc_sign_in_of(bytea) from public;
grant execute on function network.oidc_sign_in_of(bytea) to tongzhou_server;

-- Devices that somebody made her second step on, known again by a cookie whose hash differs from person to person. They spare
-- nobody a second step: a sign-in from any other device is told to her. A forgotten one stays as a row.
create table platform.known_device (
  office_id bigint not null,
  id bigint not null,
  actor_kind text not null check (actor_kind in ('staff', 'member')),
  actor_id bigint not null,
  token_hash bytea not null check (length(token_hash) = 32),
  -- what it called itself, for its owner to know it again
  label text check (length(label) <= 200),
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  forgotten_at timestamptz,
  primary key (office_id, id)
);
create unique index known_device_token on platform.known_device (office_id, actor_kind, actor_id, token_hash)
  where forgotten_at is null;
alter table platform.known_device enable row level security;
create policy own_office on platform.known_device using (office_id = (select platform.office()));
grant select, insert, update (last_seen_at, forgotten_at) on platform.known_device to tongzhou_app;

-- A session's device, and whether it was new to her when the session began; sessions that are older are of devices unknown.
alter table platform.session add column device_id bigint;
alter table platform.session add column device_new boolean not null default true;
alter table platform.session add foreign key (office_id, device_id) references platform.known_device;
grant update (device_id) on platform.session to tongzhou_app;
