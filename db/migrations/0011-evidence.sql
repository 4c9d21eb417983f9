-- Evidence: whatever must never be rewritten unseen is hashed in the transaction that writes it, and put in order later, by
-- a sealer that nobody waits for, into one log for the whole association (RFC 6962). Its newest head is kept outside.

create schema evidence;
grant usage on schema evidence to tongzhou_app, tongzhou_server, tongzhou_ledger;

-- Written with the row it stands for, so it is there exactly if that row is, however late the transaction commits.
create table evidence.unsealed (
  office_id bigint not null,
  source text collate "C" not null,
  id bigint not null,
  part bigint not null,
  leaf bytea not null check (length(leaf) = 32),
  primary key (office_id, source, id, part)
);
alter table evidence.unsealed enable row level security;
create policy own_office on evidence.unsealed using (office_id = (select platform.office()));
grant insert on evidence.unsealed to tongzhou_app, tongzhou_ledger;

-- The log: leaf `seq` (from 1) is the row (source, office, id, part) as it was when it was written.
create table evidence.leaf (
  seq bigint primary key check (seq > 0),
  source text collate "C" not null,
  office_id bigint not null,
  id bigint not null,
  part bigint not null,
  leaf bytea not null check (length(leaf) = 32),
  unique (office_id, source, id, part)
);
alter table evidence.leaf enable row level security;
create policy own_office on evidence.leaf using (office_id = (select platform.office()));
grant select on evidence.leaf to tongzhou_app;

-- What the log was at a size: its root, and the root of the leaves added since the head before, so that a batch can be
-- checked by itself. A head tells nothing of what was sealed and may be shown to anybody.
create table evidence.head (
  size bigint primary key check (size > 0),
  after_size bigint not null unique check (after_size >= 0 and after_size < size),
  root bytea not null check (length(root) = 32),
  batch_root bytea not null check (length(batch_root) = 32),
  sealed_at timestamptz not null
);

-- Where the log ends: one row, which a sealer locks. Others who would seal at the same moment leave it to that one.
create table evidence.log (
  one boolean primary key default true check (one),
  size bigint not null check (size >= 0),
  peaks bytea[] not null
);
insert into evidence.log (size, peaks) values (0, '{}');

create function evidence.leaf_hash(line text) returns bytea
  language sql stable parallel safe
  return sha256('\x00'::bytea || convert_to(line, 'UTF8'));

-- The sealer's three steps, of one transaction. The server may do these and no other thing with the log.
create function evidence.open_log() returns table (size bigint, peaks bytea[])
  language sql security definer set search_path = evidence, pg_temp
  begin atomic
    select l.size, l.peaks from evidence.log l for update skip locked;
  end;
create function evidence.take_unsealed(most integer)
  returns table (office_id bigint, source text, id bigint, part bigint, leaf bytea)
  language sql security definer set search_path = evidence, pg_temp
  begin atomic
    delete from evidence.unsealed u where u.ctid in (select next.ctid from evidence.unsealed next limit most)
      returning u.office_id, u.source, u.id, u.part, u.leaf;
  end;
create function evidence.add_to_log(
  p_first bigint, p_office bigint[], p_source text[], p_id bigint[], p_part bigint[], p_leaf bytea[],
  p_head_size bigint[], p_head_after bigint[], p_head_root bytea[], p_head_batch bytea[], p_at timestamptz, p_peaks bytea[]
) returns void
  language sql security definer set search_path = evidence, pg_temp
  begin atomic
    insert into evidence.leaf (seq, source, office_id, id, part, leaf)
      select p_first - 1 + n, source, office, id, part, leaf
      from unnest(p_office, p_source, p_id, p_part, p_leaf) with ordinality as new (office, source, id, part, leaf, n);
    insert into evidence.head (size, after_size, root, batch_root, sealed_at)
      select size, after, root, batch, p_at from unnest(p_head_size, p_head_after, p_head_root, p_head_batch) as new (size, after, root, batch);
    update evidence.log set size = p_first - 1 + cardinality(p_leaf), peaks = p_peaks where size = p_first - 1;
  end;
create function evidence.newest_head() returns table (size bigint, root bytea, sealed_at timestamptz)
  language sql stable security definer set search_path = evidence, pg_temp
  begin atomic
    select h.size, h.root, h.sealed_at from evidence.head h order by h.size desc limit 1;
  end;
revoke all on function evidence.open_log() from public;
revoke all on function evidence.take_unsealed(integer) from public;
revoke all on function evidence.add_to_log(bigint, bigint[], text[], bigint[], bigint[], bytea[], bigint[], bigint[], bytea[], bytea[], timestamptz, bytea[]) from public;
revoke all on function evidence.newest_head() from public;
grant execute on function evidence.open_log() to tongzhou_server;
grant execute on function evidence.take_unsealed(integer) to tongzhou_server;
grant execute on function evidence.add_to_log(bigint, bigint[], text[], bigint[], bigint[], bytea[], bigint[], bigint[], bytea[], bytea[], timestamptz, bytea[]) to tongzhou_server;
grant execute on function evidence.newest_head() to tongzhou_server;

-- What is sealed of a row: its text, the same for ever. jsonb orders the names itself; days and times are written out, so no
-- setting of a session changes it. A column added later enters the text only where it has a value: old texts stay the same.
create function platform.act_line(a platform.act) returns text
  language sql stable parallel safe
  return jsonb_strip_nulls(jsonb_build_object(
    'of', 'act', 'office', a.office_id, 'id', a.id, 'at', to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'actor', a.actor_kind, 'actor_id', a.actor_id, 'role', a.role, 'place', a.place_kind, 'place_id', a.place_id,
    'from', a.from_address, 'command', a.command, 'object', a.object, 'reason', a.reason, 'request', a.request_id))::text;

-- A journal is one leaf with all its entries: none of them can be changed, left out or added by itself. Written as JSON by
-- hand: ten thousand at once are sealed in the money's own path, where jsonb and a sub-select a row would cost ten times more.
create function ledger.entry_line(e ledger.entry) returns text
  language sql stable parallel safe
  return '[' || e.line || ',' || to_json(e.account)::text || ',' || to_json(e.fund)::text || ',' || e.amount_fen || ','
    || coalesce(e.about::text, 'null') || ']';
create function ledger.journal_line(j ledger.journal, lines text) returns text
  language sql stable parallel safe
  return '{"of":"journal","office":' || j.office_id || ',"id":' || j.id || ',"event":' || to_json(j.event)::text || ',"reference":'
    || to_json(j.reference)::text || ',"on":"' || to_char(j.on_day, 'YYYY-MM-DD') || '"'
    || coalesce(',"note":' || to_json(j.note)::text, '') || coalesce(',"reverses":' || j.reverses, '')
    || ',"lines":[' || coalesce(lines, '') || ']}';

-- Called by the two functions that book, for the journals they have just written.
create function ledger.seal(p_office bigint, p_ids bigint[]) returns void
  language plpgsql set search_path = ledger, pg_temp
as $$
begin
  insert into evidence.unsealed (office_id, source, id, part, leaf)
    select j.office_id, 'journal', j.id, 0, evidence.leaf_hash(ledger.journal_line(j, e.lines))
    from ledger.journal j
    join (select journal_id, string_agg(ledger.entry_line(e), ',' order by e.line) as lines
            from ledger.entry e where e.office_id = p_office and e.journal_id = any (p_ids) group by e.journal_id) e on e.journal_id = j.id
    where j.office_id = p_office and j.id = any (p_ids);
end
$$;
revoke all on function ledger.seal(bigint, bigint[]) from public;
grant execute on function ledger.seal(bigint, bigint[]) to tongzhou_ledger;

create function claims.decision_line(d claims.decision) returns text
  language sql stable parallel safe
  return (jsonb_strip_nulls(jsonb_build_object(
      'of', 'decision', 'office', d.office_id, 'item', d.item_id, 'filed_by', d.filed_by_kind, 'filed_by_id', d.filed_by,
      'part', d.part, 'outcome', d.outcome, 'benefit_fen', d.benefit_fen, 'edition', d.edition_sha256, 'engine', d.engine,
      'decided_by', d.decided_by, 'on', to_char(d.decided_on, 'YYYY-MM-DD')))
    || jsonb_build_object('inputs', d.inputs, 'workings', d.workings, 'refused', d.refused_because))::text;

create function claims.letter_line(l claims.letter) returns text
  language sql stable parallel safe
  return jsonb_strip_nulls(jsonb_build_object(
    'of', 'letter', 'office', l.office_id, 'item', l.item_id, 'number', l.number, 'kind', l.kind,
    'object_until', to_char(l.object_until, 'YYYY-MM-DD'), 'object_where', l.object_where,
    'on', to_char(l.issued_on, 'YYYY-MM-DD')))::text;

create function disclosure.list_line(l disclosure.list) returns text
  language sql stable parallel safe
  return jsonb_strip_nulls(jsonb_build_object(
    'of', 'list', 'office', l.office_id, 'id', l.id, 'number', l.number, 'unit', l.unit_id, 'before_payment', l.before_payment,
    'batch', l.batch_id, 'from', to_char(l.opens_on, 'YYYY-MM-DD'), 'until', to_char(l.until_on, 'YYYY-MM-DD'), 'rows', l.rows,
    'total_fen', l.total_fen, 'made_by', l.made_by))::text;

-- A row's fingerprint stands for what was published: with the member's key gone, the sealed text names nobody.
create function disclosure.row_line(r disclosure.row) returns text
  language sql stable parallel safe
  return jsonb_build_object(
    'of', 'list row', 'office', r.office_id, 'list', r.list_id, 'line', r.line, 'due', r.due_id,
    'fingerprint', encode(r.fingerprint, 'hex'))::text;

-- What verification reads: every sealed row with its text as it is now.
create view platform.act_sealed with (security_invoker = true) as
  select a.office_id, a.id, 0::bigint as part, platform.act_line(a) as line from platform.act a;
create view ledger.journal_sealed with (security_invoker = true) as
  select j.office_id, j.id, 0::bigint as part, ledger.journal_line(j, e.lines) as line
    from ledger.journal j
    left join (select e.office_id, e.journal_id, string_agg(ledger.entry_line(e), ',' order by e.line) as lines
                 from ledger.entry e group by 1, 2) e on e.office_id = j.office_id and e.journal_id = j.id;
create view claims.decision_sealed with (security_invoker = true) as
  select d.office_id, d.item_id as id, 0::bigint as part, claims.decision_line(d) as line from claims.decision d;
create view claims.letter_sealed with (security_invoker = true) as
  select l.office_id, l.item_id as id, 0::bigint as part, claims.letter_line(l) as line from claims.letter l;
create view disclosure.list_sealed with (security_invoker = true) as
  select l.office_id, l.id, 0::bigint as part, disclosure.list_line(l) as line from disclosure.list l;
create view disclosure.row_sealed with (security_invoker = true) as
  select r.office_id, r.list_id as id, r.line::bigint as part, disclosure.row_line(r) as line from disclosure.row r;
