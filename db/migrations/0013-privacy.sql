-- What the law on personal information asks for: who looked at a member's full data and why, what she agreed to, how long
-- each kind of record is kept, and that her key was destroyed.

create schema privacy;
grant usage on schema privacy to tongzhou_app;

-- Somebody saw a number, a telephone or an account in full, with a purpose; she sees this under her own data.
create table privacy.revealed (
  office_id bigint not null,
  id bigint not null,
  person_id bigint not null,
  what text not null check (what in ('paper', 'name', 'account')),
  purpose text not null check (length(purpose) >= 4),
  by_staff bigint not null,
  by_role text not null,
  revealed_at timestamptz not null,
  primary key (office_id, id)
);
create index revealed_person on privacy.revealed (office_id, person_id);

-- What she agreed to, and what she took back: the newest row of a purpose holds.
create table privacy.consent (
  office_id bigint not null,
  id bigint not null,
  person_id bigint not null,
  purpose text not null check (purpose in ('settlement_data', 'text_messages', 'surveys')),
  given boolean not null,
  wording text not null,
  told_at timestamptz not null,
  primary key (office_id, id)
);
create index consent_person on privacy.consent (office_id, person_id);

-- Her key was destroyed: by whom, when, why. What was sealed under it opens for nobody any more.
create table privacy.forgotten (
  office_id bigint not null,
  person_id bigint not null,
  by_staff bigint not null,
  reason text not null,
  forgotten_at timestamptz not null,
  primary key (office_id, person_id)
);

-- How long each kind of record is kept, as data. Reference: the whole association's.
create table privacy.retention (
  kind text not null,
  from_on date not null,
  zh text not null,
  months integer not null check (months > 0),
  counted_from text not null,
  source text not null,
  to_be_checked boolean not null,
  primary key (kind, from_on)
);
insert into privacy.retention (kind, from_on, zh, months, counted_from, source, to_be_checked) values
  ('claim', '2020-01-01', '申领材料、收款人、病情文字', 120, '该会员最后一项决定之日', '由我们设定，待核对', true),
  ('voucher', '2020-01-01', '会计凭证、账簿', 360, '会计年度终了', '会计档案管理办法（2015）附表', true),
  ('act', '2020-01-01', '操作记录', 360, '操作之日', '由我们设定，待核对', true),
  ('session', '2020-01-01', '登录记录', 6, '登录之日', '网络安全法第二十一条：网络日志不少于六个月', true);

alter table privacy.revealed enable row level security;
alter table privacy.consent enable row level security;
alter table privacy.forgotten enable row level security;
alter table privacy.retention enable row level security;
create policy own_office on privacy.revealed using (office_id = (select platform.office()));
create policy own_office on privacy.consent using (office_id = (select platform.office()));
create policy own_office on privacy.forgotten using (office_id = (select platform.office()));
create policy any_office on privacy.retention using ((select platform.office()) is not null);
grant select, insert on privacy.revealed, privacy.consent, privacy.forgotten to tongzhou_app;
grant select on privacy.retention to tongzhou_app;

-- Names and numbers stand under ring keys (mass fields); of a member whose key is destroyed they are emptied.
grant update (name_sealed, paper_sealed) on membership.member to tongzhou_app;
grant update (name_sealed, paper_sealed) on enrolment.roster_row to tongzhou_app;
