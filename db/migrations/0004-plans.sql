-- Adopted plan editions: the exact text and its fingerprint, which decisions cite. Drafts live in plans/, not here.

create schema plans;
grant usage on schema plans to tongzhou_app;

create table plans.edition (
  id bigint primary key,
  plan text not null,
  edition text not null,
  issuer text not null,
  title text not null,
  text text not null,
  clauses text not null,
  sha256 text not null unique check (sha256 ~ '^[0-9a-f]{64}$'),
  -- what is missing keeps an edition closed to enrolment
  missing text[] not null,
  adopted_on date not null,
  resolution text not null,
  unique (plan, edition)
);
alter table plans.edition enable row level security;
create policy any_office on plans.edition using ((select platform.office()) is not null);
grant select, insert on plans.edition to tongzhou_app;
