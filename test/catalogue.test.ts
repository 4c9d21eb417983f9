import { afterAll, beforeAll, expect, test } from 'vitest'
import { read } from '#platform/database/index.ts'
import { type TestDatabase, testContext, testDatabase } from './database.ts'

// The database rules that hold for every table, asked of the migrated database itself.

let base: TestDatabase
beforeAll(async () => {
  base = await testDatabase()
})
afterAll(() => base.close())

/** Tables that belong to no office, and why. Every other one begins its keys with office_id. */
const shared: Readonly<Record<string, string>> = {
  'migrations.file': 'what has been migrated',
  'platform.id_block': 'one row that hands out ids',
  'platform.session': 'found by a token before the office is known',
  'evidence.leaf': 'one log for the whole association',
  'evidence.head': 'one log for the whole association',
  'evidence.log': 'one log for the whole association',
  'network.association': 'the one association',
  'network.office': 'the tree is reference data',
  'network.agency': 'the tree is reference data',
  'network.point': 'the tree is reference data',
  'network.word': 'words are reference data',
  'network.login': 'found by a name before the office is known',
  'network.oidc_link': 'found by an identity before the office is known',
  'membership.person': 'one record for life',
  'membership.person_cover': 'follows a person everywhere',
  'membership.person_benefit': 'follows a person everywhere',
  'membership.person_event': 'follows a person everywhere',
  'membership.plan_gate': 'a lock by plan',
  'plans.edition': 'adopted texts',
  'privacy.retention': 'dated reference data',
  'ledger.fund': 'dated reference data',
  'ledger.account': 'dated reference data',
  'ledger.mapping': 'dated reference data',
}
/** Tables without row-level security: no row of them is an office's or a person's secret. */
const open = [
  'migrations.file',
  'platform.id_block',
  'evidence.head',
  'evidence.log',
  'ledger.fund',
  'ledger.account',
  'ledger.mapping',
]

const tables = `select n.nspname || '.' || c.relname as name, c.oid, c.relrowsecurity as rls
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`
const names = async (sql: string): Promise<string[]> =>
  (await base.owner.query<{ name: string }>(sql)).rows.map((row) => row.name)

test('every office table begins its primary key, unique and foreign keys with office_id', async () => {
  const wrong = await names(`
    select t.name || ': ' || k.conname as name from (${tables}) t join pg_constraint k on k.conrelid = t.oid and k.contype in ('p', 'u', 'f')
      join pg_attribute a on a.attrelid = t.oid and a.attnum = k.conkey[1]
      left join (${tables}) r on r.oid = k.confrelid
     where a.attname not in ('office_id') and not (t.name = any ('{${Object.keys(shared).join(',')}}'::text[]))
       and not (k.contype = 'f' and r.name = any ('{${Object.keys(shared).join(',')}}'::text[]))
       and exists (select from pg_attribute o where o.attrelid = t.oid and o.attname = 'office_id')`)
  expect(wrong).toEqual([])
  const without = await names(`select t.name from (${tables}) t where not exists (
    select from pg_index i join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0] where i.indrelid = t.oid and i.indisprimary and a.attname = 'office_id')`)
  expect(without.filter((name) => !(name in shared))).toEqual([])
})

test('no trigger, rule, serial or identity anywhere', async () => {
  expect(await names(`select tgname as name from pg_trigger where not tgisinternal`)).toEqual([])
  expect(
    await names(`select rulename as name from pg_rewrite w join pg_class c on c.oid = w.ev_class join pg_namespace n on n.oid = c.relnamespace
    where rulename <> '_RETURN' and n.nspname not in ('pg_catalog', 'information_schema')`),
  ).toEqual([])
  expect(
    await names(
      `select attrelid::regclass || '.' || attname as name from pg_attribute where attidentity <> '' and attnum > 0`,
    ),
  ).toEqual([])
  expect(await names(`select sequencename as name from pg_sequences`)).toEqual([])
})

test('every table has row-level security with a policy, but those that hold no secret', async () => {
  const without = await names(
    `select t.name from (${tables}) t where not t.rls or not exists (select from pg_policy p where p.polrelid = t.oid)`,
  )
  expect(without.sort()).toEqual([...open].sort())
})

test('our roles are no superusers and bypass nothing', async () => {
  expect(
    await names(
      `select rolname as name from pg_roles where rolname like 'tongzhou%' and (rolsuper or rolbypassrls or rolcreaterole)`,
    ),
  ).toEqual([])
})

test('the application can change or remove only what is meant to move', async () => {
  const may = await names(`
    select table_schema || '.' || table_name || ' ' || privilege_type as name from information_schema.table_privileges
     where grantee = 'tongzhou_app' and privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE') order by 1`)
  expect(may).toEqual([
    'enrolment.roster_row DELETE',
    'membership.person_event DELETE',
    'platform.job DELETE',
    'platform.job UPDATE',
    'platform.member_key DELETE',
  ])
  const columns = await names(`
    select distinct table_schema || '.' || table_name || '.' || column_name as name from information_schema.column_privileges
     where grantee = 'tongzhou_app' and privilege_type = 'UPDATE' and table_name <> 'job' order by 1`)
  expect(columns.filter((name) => !name.endsWith('.gate'))).toEqual([
    'enrolment.roster_row.born_on',
    'enrolment.roster_row.hand_in_id',
    'enrolment.roster_row.name_sealed',
    'enrolment.roster_row.option',
    'enrolment.roster_row.paper_kind',
    'enrolment.roster_row.paper_sealed',
    'enrolment.roster_row.row_number',
    'enrolment.roster_row.sex',
    'enrolment.roster_row.shares',
    'enrolment.roster_row.staff_number',
    'membership.member.name_sealed',
    'membership.member.paper_sealed',
    'network.appointment.ended_by',
    'network.appointment.until_on',
    'network.key_challenge.used_at',
    'network.login.secret_hash',
    'network.login.temporary',
    'network.oidc_link.removed_at',
    'network.oidc_link.removed_by',
    'network.recovery_code.used_at',
    'network.second_key.confirmed_at',
    'network.second_key.removed_at',
    'network.second_step.confirmed_at',
    'network.second_step.removed_at',
    'network.sms_code.used_at',
    'network.staff_kin.ended_by',
    'network.staff_kin.until_on',
    'network.unit.agency_id',
    'network.unit.name',
    'network.unit.point_id',
    'network.word.word',
    'platform.known_device.forgotten_at',
    'platform.known_device.last_seen_at',
    'platform.session.device_id',
    'platform.session.ended_at',
    'platform.session.second_step_at',
  ])
})

test('as the application without a context no row is seen, and a query without a filter sees its own office only', async () => {
  const all = (await names(`select t.name from (${tables}) t where t.rls`)).filter(
    (name) => !name.startsWith('migrations.'),
  )
  await base.owner.query(`insert into network.association (name, short_name, demonstration) values ('x', 'x', true)`)
  for (const office of [2, 3]) {
    await base.owner.query(
      `insert into platform.act (office_id, id, at, actor_kind, actor_id, role, command, request_id) values ($1, 1, now(), 'system', 0, 'x', 'x', 'x')`,
      [office],
    )
  }
  const client = await base.db.pool.connect()
  try {
    await client.query('begin; set local role tongzhou_app')
    for (const name of all) {
      const allowed = await client.query<{ may: boolean }>(`select has_table_privilege($1, 'select') as may`, [name])
      if (!allowed.rows[0]?.may) continue
      expect((await client.query(`select 1 from ${name} limit 1`)).rows, name).toEqual([])
    }
    await client.query('rollback')
  } finally {
    client.release()
  }
  const seen = await read(
    testContext(base, { office: 3 }),
    async (tx) => (await tx.client.query<{ office_id: number }>('select office_id from platform.act')).rows,
  )
  expect(seen.map((row) => row.office_id)).toEqual([3])
})

test('nobody without the context message has a right to anything', async () => {
  await expect(base.db.pool.query('select * from network.unit')).rejects.toThrow('permission denied')
})
