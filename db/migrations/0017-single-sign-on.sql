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
