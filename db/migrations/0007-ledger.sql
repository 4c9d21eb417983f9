-- The books. Double entry in whole fen, debit plus, credit minus; each fund balances by itself in every journal. Only
-- the functions below write: their tables belong to tongzhou_ledger, hold everyone to their office, and grant no INSERT.

create schema ledger authorization tongzhou_ledger;
grant usage on schema ledger to tongzhou_app;

set local role tongzhou_ledger;

-- Reference data, dated, half-open [from_on, until_on). Rows are added by migrations; a chart that changes ends a row and
-- opens the next. `source` says where a figure comes from: 'set by us, to be checked' until a body has adopted it.
create table ledger.fund (
  code text collate "C" not null check (code ~ '^[a-z][a-z0-9-]{0,29}$'),
  name_zh text not null,
  sort integer not null,
  from_on date not null,
  until_on date check (until_on > from_on),
  source text not null,
  primary key (code, from_on)
);

create table ledger.account (
  code text collate "C" not null check (code ~ '^[0-9]{4,8}$'),
  name_zh text not null,
  kind text not null check (kind in ('asset', 'liability', 'net-assets', 'income', 'expense')),
  -- Where the account stands in the statement of a fund.
  statement_line text not null check (statement_line in ('money', 'unallocated', 'payable', 'principal', 'net-assets',
    'contribution', 'other-income', 'benefit', 'other-expense')),
  -- Carries money from one fund to another: within a journal it sums to nothing over all funds.
  between_funds boolean not null default false,
  from_on date not null,
  until_on date check (until_on > from_on),
  source text not null,
  primary key (code, from_on)
);

-- What an event books to: the builder of a posting names the event and the role of each line, this names the account.
create table ledger.mapping (
  event text collate "C" not null,
  role text collate "C" not null,
  account text collate "C" not null,
  from_on date not null,
  until_on date check (until_on > from_on),
  source text not null,
  primary key (event, role, from_on)
);

create table ledger.journal (
  office_id bigint not null,
  id bigint not null,
  event text collate "C" not null,
  reference text collate "C" not null check (length(reference) between 1 and 100),
  on_day date not null,
  note text check (length(note) <= 500),
  reverses bigint,
  primary key (office_id, id),
  unique (office_id, event, reference),
  -- A reversal's reference is the journal it reverses, so the unique key above lets a journal be reversed once only.
  check ((event = 'reversal') = (reverses is not null) and (reverses is null or reference = reverses::text))
);

create table ledger.entry (
  office_id bigint not null,
  journal_id bigint not null,
  line integer not null check (line > 0),
  account text collate "C" not null,
  fund text collate "C" not null,
  amount_fen bigint not null check (amount_fen <> 0),
  -- What this line is about (a claim item, a cover, a receipt), where one journal has many of them.
  about bigint,
  primary key (office_id, journal_id, line),
  foreign key (office_id, journal_id) references ledger.journal (office_id, id)
);

create table ledger.balance (
  office_id bigint not null,
  account text collate "C" not null,
  fund text collate "C" not null,
  period text collate "C" not null check (period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
  debit_fen bigint not null check (debit_fen >= 0),
  credit_fen bigint not null check (credit_fen >= 0),
  primary key (office_id, account, fund, period)
);

-- Principal owed to members, by cover and due day: plus when a debt begins, minus when it is repaid or reversed. It
-- ties, journal by journal, to the lines booked on the principal account.
create table ledger.principal_owed (
  office_id bigint not null,
  cover_id bigint not null,
  due_on date not null,
  journal_id bigint not null,
  person_id bigint not null,
  amount_fen bigint not null check (amount_fen <> 0),
  primary key (office_id, cover_id, due_on, journal_id),
  foreign key (office_id, journal_id) references ledger.journal (office_id, id)
);
create index principal_due on ledger.principal_owed (office_id, due_on);

-- A period is closed where its row exists. Who closes one takes the same advisory key as ledger.post, exclusively.
create table ledger.closed_period (
  office_id bigint not null,
  period text collate "C" not null check (period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
  closed_on date not null,
  primary key (office_id, period)
);

-- The doctor asks over all offices, as owner; everyone else, this schema's own functions too, sees one office.
alter table ledger.journal enable row level security;
alter table ledger.journal force row level security;
create policy own_office on ledger.journal using (office_id = (select platform.office()));
create policy every_office on ledger.journal for select to tongzhou_owner using (true);
alter table ledger.entry enable row level security;
alter table ledger.entry force row level security;
create policy own_office on ledger.entry using (office_id = (select platform.office()));
create policy every_office on ledger.entry for select to tongzhou_owner using (true);
alter table ledger.balance enable row level security;
alter table ledger.balance force row level security;
create policy own_office on ledger.balance using (office_id = (select platform.office()));
create policy every_office on ledger.balance for select to tongzhou_owner using (true);
alter table ledger.principal_owed enable row level security;
alter table ledger.principal_owed force row level security;
create policy own_office on ledger.principal_owed using (office_id = (select platform.office()));
create policy every_office on ledger.principal_owed for select to tongzhou_owner using (true);
alter table ledger.closed_period enable row level security;
alter table ledger.closed_period force row level security;
create policy own_office on ledger.closed_period using (office_id = (select platform.office()));
create policy every_office on ledger.closed_period for select to tongzhou_owner using (true);

grant select on ledger.fund, ledger.account, ledger.mapping, ledger.journal, ledger.entry, ledger.balance,
  ledger.principal_owed, ledger.closed_period to tongzhou_app;

-- A refusal: its code is the message; facts without money in the detail, as JSON.
create function ledger.refuse(code text, facts jsonb) returns void
  language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using errcode = 'TZ001', message = code, detail = facts::text;
end
$$;

-- Nobody books in a closed period, and nobody closes one under a booking. Waits for a closing that is under way.
create function ledger.hold_periods_open(p_office bigint, p_periods text[]) returns void
  language plpgsql set search_path = ledger, pg_temp
as $$
declare
  v_period text;
begin
  foreach v_period in array p_periods loop
    perform pg_advisory_xact_lock_shared(hashtextextended('ledger.period', p_office * 100000 + replace(v_period, '-', '')::bigint));
  end loop;
  select period into v_period from ledger.closed_period
    where office_id = p_office and period = any (p_periods) order by period limit 1;
  if found then
    perform ledger.refuse('ledger_period_closed', jsonb_build_object('period', v_period));
  end if;
end
$$;

-- Books a batch of journals, all or nothing, and gives back the ids of its journals in order; null where all are new. A
-- journal already there under its event and reference is a retry: equal, it stands and nothing is booked for it.
-- Texts come once: a head is (event, day), a slot is (head, role, fund); journals name heads, lines name slots, by number
-- from 1. `owed` is the principal that the journal makes owed (plus) or repays (minus), by cover and due day.
create function ledger.post(
  p_office bigint,
  p_head_event text[], p_head_on date[],
  p_slot_head integer[], p_slot_role text[], p_slot_fund text[],
  p_journal_id bigint[], p_journal_head integer[], p_reference text[], p_note text[],
  p_line_journal integer[], p_line_no integer[], p_line_slot integer[], p_amount bigint[], p_about bigint[],
  p_owed_journal integer[], p_owed_cover bigint[], p_owed_person bigint[], p_owed_due date[], p_owed_amount bigint[]
) returns bigint[]
  language plpgsql security definer set search_path = ledger, pg_temp
as $$
declare
  v_id bigint[] := p_journal_id; -- by journal; null where it is already in the books
  v_found bigint[];              -- by journal, the ids answered; null as long as every journal is new
  v_period text[];               -- by head
  v_account text[];              -- by slot
  v_role_kind text[];            -- by slot
  v_moves boolean[];             -- by slot
  v_sum_journal integer[];       -- the lines summed by journal and slot: journal,
  v_sum_slot integer[];          -- slot,
  v_sum_total bigint[];          -- debits less credits,
  v_sum_debit bigint[];          -- and debits alone
  v_constraint text;
  r record;
begin
  if p_office is distinct from platform.office() then
    perform ledger.refuse('ledger_other_office', jsonb_build_object('office', p_office));
  end if;
  if 'reversal' = any (p_head_event) then
    perform ledger.refuse('ledger_no_account', jsonb_build_object('event', 'reversal'));
  end if;

  select array_agg(to_char(on_day, 'YYYY-MM') order by n) into v_period from unnest(p_head_on) with ordinality h (on_day, n);
  perform ledger.hold_periods_open(p_office, array(select distinct p from unnest(v_period) p order by p));

  -- Each slot finds its account and its fund on the day; one that finds none, or two, is refused by name.
  for r in
    select s.n, p_head_event[s.head] as event, p_head_on[s.head] as on_day, s.role, s.fund,
      (select count(*) from ledger.fund f where f.code = s.fund and f.from_on <= p_head_on[s.head]
        and (f.until_on is null or p_head_on[s.head] < f.until_on)) as funds, a.found, a.codes, a.lines, a.moves
    from unnest(p_slot_head, p_slot_role, p_slot_fund) with ordinality s (head, role, fund, n)
    cross join lateral (
      select count(*) as found, min(a.code) as codes, min(a.statement_line) as lines, bool_or(a.between_funds) as moves
      from ledger.mapping m
      join ledger.account a on a.code = m.account and a.from_on <= p_head_on[s.head]
        and (a.until_on is null or p_head_on[s.head] < a.until_on)
      where m.event = p_head_event[s.head] and m.role = s.role and m.from_on <= p_head_on[s.head]
        and (m.until_on is null or p_head_on[s.head] < m.until_on)) a
    order by s.n
  loop
    if r.found <> 1 then
      perform ledger.refuse('ledger_no_account', jsonb_build_object('event', r.event, 'role', r.role, 'on', r.on_day));
    end if;
    if r.funds <> 1 then
      perform ledger.refuse('ledger_no_fund', jsonb_build_object('fund', r.fund, 'on', r.on_day));
    end if;
    v_account[r.n] := r.codes;
    v_role_kind[r.n] := r.lines;
    v_moves[r.n] := r.moves;
  end loop;

  -- The lines are gone through once; all that is asked of them below is asked of their sums by journal and slot.
  select array_agg(g.j), array_agg(g.slot), array_agg(g.total), array_agg(g.debit)
    into v_sum_journal, v_sum_slot, v_sum_total, v_sum_debit
    from (
      select l.j, l.slot, sum(l.amount)::bigint as total, sum(greatest(l.amount, 0))::bigint as debit
      from unnest(p_line_journal, p_line_slot, p_amount) l (j, slot, amount)
      group by l.j, l.slot) g;

  -- Every journal has lines, balances within each of its funds, and its lines are of its own event and day.
  select g.j, g.fund, g.wrong into r
    from (
      select u.j, p_slot_fund[u.slot] as fund, sum(u.total) as total,
        bool_or(p_journal_head[u.j] is distinct from p_slot_head[u.slot] or v_account[u.slot] is null) as wrong
      from unnest(v_sum_journal, v_sum_slot, v_sum_total) u (j, slot, total)
      group by u.j, p_slot_fund[u.slot]) g
    where g.wrong or g.total <> 0 limit 1;
  if found then
    perform ledger.refuse(case when r.wrong then 'ledger_malformed' else 'ledger_unbalanced' end,
      jsonb_build_object('reference', p_reference[r.j], 'fund', r.fund));
  end if;
  if (select count(distinct j) from unnest(v_sum_journal) j) <> cardinality(p_journal_id)
    or cardinality(p_journal_head) <> cardinality(p_journal_id) or cardinality(p_reference) <> cardinality(p_journal_id) then
    perform ledger.refuse('ledger_malformed', jsonb_build_object('journals', cardinality(p_journal_id)));
  end if;
  if true = any (v_moves) then
    select u.j into r from unnest(v_sum_journal, v_sum_slot, v_sum_total) u (j, slot, total)
      where v_moves[u.slot] group by u.j having sum(u.total) <> 0 limit 1;
    if found then
      perform ledger.refuse('ledger_unbalanced', jsonb_build_object('reference', p_reference[r.j], 'fund', 'between-funds'));
    end if;
  end if;
  -- Principal booked is principal owed to somebody, by a day.
  if 'principal' = any (v_role_kind) or cardinality(p_owed_journal) > 0 then
    select j into r from (
      select u.j, u.total as amount from unnest(v_sum_journal, v_sum_slot, v_sum_total) u (j, slot, total)
        where v_role_kind[u.slot] = 'principal'
      union all select o.j, o.amount from unnest(p_owed_journal, p_owed_amount) o (j, amount)) both_sides
      group by j having sum(amount) is distinct from 0 limit 1;
    if found then
      perform ledger.refuse('ledger_principal_untied', jsonb_build_object('reference', p_reference[r.j]));
    end if;
  end if;

  -- Nearly always all journals are new: a plain insert is the fastest way to know. Where one is not, the key decides.
  begin
    insert into ledger.journal (office_id, id, event, reference, on_day, note)
      select p_office, j.id, p_head_event[j.head], j.reference, p_head_on[j.head], j.note
      from unnest(p_journal_id, p_journal_head, p_reference, p_note) j (id, head, reference, note);
  exception when unique_violation then
    get stacked diagnostics v_constraint = constraint_name;
    if v_constraint <> 'journal_office_id_event_reference_key' then
      raise;
    end if;
    with fresh as (
      insert into ledger.journal (office_id, id, event, reference, on_day, note)
        select p_office, j.id, p_head_event[j.head], j.reference, p_head_on[j.head], j.note
        from unnest(p_journal_id, p_journal_head, p_reference, p_note) j (id, head, reference, note)
        on conflict (office_id, event, reference) do nothing
        returning id)
    select array_agg(fresh.id order by j.n) into v_id
      from unnest(p_journal_id) with ordinality j (id, n) left join fresh on fresh.id = j.id;
    v_found := v_id;
    for r in
      select j.n, j.reference, p_head_event[j.head] as event, k.id, k.on_day, p_head_on[j.head] as asked_on,
        (select array_agg(row(e.line, e.account, e.fund, e.amount_fen, e.about)::text order by e.line)
          from ledger.entry e where e.office_id = p_office and e.journal_id = k.id) as booked,
        (select array_agg(row(o.cover_id, o.due_on, o.person_id, o.amount_fen)::text order by o.cover_id, o.due_on)
          from ledger.principal_owed o where o.office_id = p_office and o.journal_id = k.id) as owed,
        exists (select from ledger.journal u where u.office_id = p_office and u.event = 'reversal'
          and u.reference = k.id::text) as undone
      from unnest(v_id, p_journal_head, p_reference) with ordinality j (id, head, reference, n)
      cross join lateral (select * from ledger.journal k where k.office_id = p_office
        and k.event = p_head_event[j.head] and k.reference = j.reference) k
      where j.id is null
    loop
      -- An entry is at its own line in the books; the asked lines are looked at in that order.
      if r.on_day <> r.asked_on
        or r.booked is distinct from (
          select array_agg(row(l.no, v_account[l.slot], p_slot_fund[l.slot], l.amount, l.about)::text order by l.no)
          from unnest(p_line_journal, p_line_no, p_line_slot, p_amount, p_about) l (j, no, slot, amount, about)
          where l.j = r.n)
        or r.owed is distinct from (
          select array_agg(row(o.cover, o.due, o.person, o.amount)::text order by o.cover, o.due)
          from unnest(p_owed_journal, p_owed_cover, p_owed_due, p_owed_person, p_owed_amount) o (j, cover, due, person, amount)
          where o.j = r.n) then
        perform ledger.refuse('ledger_reference_reused', jsonb_build_object('event', r.event, 'reference', r.reference));
      end if;
      if r.undone then
        perform ledger.refuse('ledger_reference_reversed', jsonb_build_object('event', r.event, 'reference', r.reference));
      end if;
      v_found[r.n] := r.id;
    end loop;
  end;

  if v_found is null then
    insert into ledger.entry (office_id, journal_id, line, account, fund, amount_fen, about)
      select p_office, v_id[l.j], l.no, v_account[l.slot], p_slot_fund[l.slot], l.amount, l.about
      from unnest(p_line_journal, p_line_no, p_line_slot, p_amount, p_about) l (j, no, slot, amount, about);
  else
    insert into ledger.entry (office_id, journal_id, line, account, fund, amount_fen, about)
      select p_office, v_id[l.j], l.no, v_account[l.slot], p_slot_fund[l.slot], l.amount, l.about
      from unnest(p_line_journal, p_line_no, p_line_slot, p_amount, p_about) l (j, no, slot, amount, about)
      where v_id[l.j] is not null;
  end if;

  insert into ledger.principal_owed (office_id, cover_id, due_on, journal_id, person_id, amount_fen)
    select p_office, o.cover, o.due, v_id[o.j], o.person, o.amount
    from unnest(p_owed_journal, p_owed_cover, p_owed_due, p_owed_person, p_owed_amount) o (j, cover, due, person, amount)
    where v_id[o.j] is not null;

  perform ledger.seal(p_office, v_id); -- each with its lines, as evidence (0011-evidence.sql)

  -- In the order of the key, so that two bookings meeting on the same balances wait for each other and never cross.
  insert into ledger.balance as b (office_id, account, fund, period, debit_fen, credit_fen)
    select p_office, v_account[t.slot], p_slot_fund[t.slot], v_period[p_slot_head[t.slot]], sum(t.debit), sum(t.credit)
    from (
      select u.slot, sum(u.debit) as debit, sum(u.debit - u.total) as credit
      from unnest(v_sum_journal, v_sum_slot, v_sum_total, v_sum_debit) u (j, slot, total, debit)
      where v_found is null or v_id[u.j] is not null
      group by u.slot) t
    group by 2, 3, 4 order by 2, 3, 4
    on conflict (office_id, account, fund, period) do update
      set debit_fen = b.debit_fen + excluded.debit_fen, credit_fen = b.credit_fen + excluded.credit_fen;

  return v_found;
end
$$;

-- Takes back one journal by its opposite, line for line on the accounts it was booked to, and names it. Gives the id of
-- the reversal: the new one, or for a retry the one that stands.
create function ledger.reverse(p_office bigint, p_id bigint, p_original bigint, p_on date, p_note text) returns bigint
  language plpgsql security definer set search_path = ledger, pg_temp
as $$
declare
  v_original ledger.journal;
  v_standing ledger.journal;
begin
  if p_office is distinct from platform.office() then
    perform ledger.refuse('ledger_other_office', jsonb_build_object('office', p_office));
  end if;
  select * into v_original from ledger.journal where office_id = p_office and id = p_original;
  if not found then
    perform ledger.refuse('ledger_journal_not_found', jsonb_build_object('journal', p_original));
  end if;
  if v_original.reverses is not null then
    perform ledger.refuse('ledger_is_a_reversal', jsonb_build_object('journal', p_original));
  end if;
  if p_on < v_original.on_day then
    perform ledger.refuse('ledger_reversal_too_early', jsonb_build_object('journal', p_original, 'on', v_original.on_day));
  end if;
  perform ledger.hold_periods_open(p_office, array[to_char(p_on, 'YYYY-MM')]);

  insert into ledger.journal (office_id, id, event, reference, on_day, note, reverses)
    values (p_office, p_id, 'reversal', p_original::text, p_on, p_note, p_original)
    on conflict (office_id, event, reference) do nothing;
  if not found then
    select * into v_standing from ledger.journal
      where office_id = p_office and event = 'reversal' and reference = p_original::text;
    if v_standing.on_day <> p_on then
      perform ledger.refuse('ledger_reference_reused', jsonb_build_object('event', 'reversal', 'reference', p_original::text));
    end if;
    return v_standing.id;
  end if;

  insert into ledger.entry (office_id, journal_id, line, account, fund, amount_fen, about)
    select office_id, p_id, line, account, fund, -amount_fen, about
    from ledger.entry where office_id = p_office and journal_id = p_original;
  insert into ledger.principal_owed (office_id, cover_id, due_on, journal_id, person_id, amount_fen)
    select office_id, cover_id, due_on, p_id, person_id, -amount_fen
    from ledger.principal_owed where office_id = p_office and journal_id = p_original;
  perform ledger.seal(p_office, array[p_id]);
  insert into ledger.balance as b (office_id, account, fund, period, debit_fen, credit_fen)
    select p_office, account, fund, to_char(p_on, 'YYYY-MM'), sum(greatest(amount_fen, 0)), sum(greatest(-amount_fen, 0))
    from ledger.entry where office_id = p_office and journal_id = p_id
    group by account, fund order by account, fund
    on conflict (office_id, account, fund, period) do update
      set debit_fen = b.debit_fen + excluded.debit_fen, credit_fen = b.credit_fen + excluded.credit_fen;
  return p_id;
end
$$;

revoke all on all functions in schema ledger from public;
grant execute on function ledger.post(bigint, text[], date[], integer[], text[], text[], bigint[], integer[], text[], text[],
  integer[], integer[], integer[], bigint[], bigint[], integer[], bigint[], bigint[], date[], bigint[]) to tongzhou_app;
grant execute on function ledger.reverse(bigint, bigint, bigint, date, text) to tongzhou_app;

-- The chart of the demonstration association, in the manner of 民间非营利组织会计制度 (2026). Codes of four figures follow
-- the system's groups as we know them, further figures are ours; all are to be checked by an accountant of the body.
insert into ledger.fund (code, name_zh, sort, from_on, source) values
  ('hospital', '住院互助基金', 1, '2020-01-01', 'set by us, to be checked'),
  ('critical', '重大疾病互助基金', 2, '2020-01-01', 'set by us, to be checked'),
  ('women', '女职工特殊疾病互助基金', 3, '2020-01-01', 'set by us, to be checked'),
  ('accident', '意外伤害互助基金', 4, '2020-01-01', 'set by us, to be checked'),
  ('allowance', '住院津贴互助基金', 5, '2020-01-01', 'set by us, to be checked'),
  ('principal', '应返还本金', 6, '2020-01-01', 'set by us, to be checked'),
  ('unallocated', '待分配款项', 7, '2020-01-01', 'set by us, to be checked'),
  ('admin', '管理经费', 8, '2020-01-01', 'set by us, to be checked');

insert into ledger.account (code, name_zh, kind, statement_line, between_funds, from_on, source) values
  ('100201', '银行存款—互助金专户', 'asset', 'money', false, '2020-01-01', 'set by us, to be checked'),
  ('100202', '银行存款—基金间划转', 'asset', 'money', true, '2020-01-01', 'set by us, to be checked'),
  ('220301', '预收账款—待分配互助费', 'liability', 'unallocated', false, '2020-01-01', 'set by us, to be checked'),
  ('220901', '其他应付款—应付互助金', 'liability', 'payable', false, '2020-01-01', 'set by us, to be checked'),
  ('250201', '长期应付款—应返还本金', 'liability', 'principal', false, '2020-01-01', 'set by us, to be checked'),
  ('310101', '非限定性净资产', 'net-assets', 'net-assets', false, '2020-01-01', 'set by us, to be checked'),
  ('310201', '限定性净资产', 'net-assets', 'net-assets', false, '2020-01-01', 'set by us, to be checked'),
  ('420101', '会费收入—互助费', 'income', 'contribution', false, '2020-01-01', 'set by us, to be checked'),
  ('490101', '其他收入—利息', 'income', 'other-income', false, '2020-01-01', 'set by us, to be checked'),
  ('510101', '业务活动成本—互助金支出', 'expense', 'benefit', false, '2020-01-01', 'set by us, to be checked'),
  ('520101', '管理费用—银行手续费', 'expense', 'other-expense', false, '2020-01-01', 'set by us, to be checked');

insert into ledger.mapping (event, role, account, from_on, source) values
  ('contribution-received', 'money', '100201', '2020-01-01', 'set by us, to be checked'),
  ('contribution-received', 'unallocated', '220301', '2020-01-01', 'set by us, to be checked'),
  ('contribution-allocated', 'unallocated', '220301', '2020-01-01', 'set by us, to be checked'),
  ('contribution-allocated', 'moved', '100202', '2020-01-01', 'set by us, to be checked'),
  ('contribution-allocated', 'contribution', '420101', '2020-01-01', 'set by us, to be checked'),
  ('contribution-allocated', 'principal', '250201', '2020-01-01', 'set by us, to be checked'),
  ('refund', 'unallocated', '220301', '2020-01-01', 'set by us, to be checked'),
  ('refund', 'money', '100201', '2020-01-01', 'set by us, to be checked'),
  ('benefit-payable', 'benefit', '510101', '2020-01-01', 'set by us, to be checked'),
  ('benefit-payable', 'payable', '220901', '2020-01-01', 'set by us, to be checked'),
  ('benefit-paid', 'payable', '220901', '2020-01-01', 'set by us, to be checked'),
  ('benefit-paid', 'money', '100201', '2020-01-01', 'set by us, to be checked'),
  ('payment-returned', 'money', '100201', '2020-01-01', 'set by us, to be checked'),
  ('payment-returned', 'payable', '220901', '2020-01-01', 'set by us, to be checked'),
  ('principal-repaid', 'principal', '250201', '2020-01-01', 'set by us, to be checked'),
  ('principal-repaid', 'money', '100201', '2020-01-01', 'set by us, to be checked');

reset role;
