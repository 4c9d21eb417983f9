import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ok, refuse } from '#kernel/result.ts'
import { type TestDatabase, testContext, testDatabase } from '../../../../test/database.ts'
import { read, sql, transact } from './index.ts'
import { type Migration, migrate } from './migrate.ts'

let base: TestDatabase
beforeAll(async () => {
  base = await testDatabase()
})
afterAll(() => base.close())

test('days stay days: 1 July 1988 does not become 30 June, and money beyond 2^53 is refused', async () => {
  const row = await read(
    testContext(base),
    async (tx) =>
      (
        await sql<{
          on: string
          many: string[]
          n: number
        }>`select date '1988-07-01' as on, array[date '1986-05-04'] as many, 900000000000::bigint as n`.execute(tx.q)
      ).rows[0],
  )
  expect(row).toEqual({ on: '1988-07-01', many: ['1986-05-04'], n: 900_000_000_000 })
  await expect(
    read(testContext(base), (tx) => sql`select 9007199254740993::bigint as n`.execute(tx.q)),
  ).rejects.toThrow('2^53')
})

test('a refusal leaves nothing behind, a throw neither', async () => {
  const add = (tx: Parameters<Parameters<typeof transact>[2]>[0]) =>
    tx.q.insertInto('network.staff').values({ office_id: tx.office, id: 1, name: '无' }).execute()
  await transact(testContext(base), 'test.refused', async (tx) => {
    await add(tx)
    return refuse({ code: 'not_allowed' })
  })
  await expect(
    transact(testContext(base), 'test.thrown', async (tx) => {
      await add(tx)
      throw new Error('stop')
    }),
  ).rejects.toThrow('stop')
  expect((await base.owner.query('select from network.staff')).rows).toEqual([])
})

test('a retry with the same key gets the first answer, twenty at once too; the key for something else is refused', async () => {
  const once = (key: string, command = 'test.once') =>
    transact(testContext(base, { idempotencyKey: key }), command, async (tx) => {
      const id = await tx.ids.take()
      await tx.q.insertInto('network.staff').values({ office_id: tx.office, id, name: '一次' }).execute()
      return ok({ id })
    })
  const answers = await Promise.all(Array.from({ length: 20 }, () => once('k1')))
  expect(new Set(answers.map((answer) => (answer.ok ? answer.value.id : 'refused'))).size).toBe(1)
  expect((await base.owner.query('select from network.staff')).rows).toHaveLength(1)
  expect(await once('k1', 'test.other')).toMatchObject({ ok: false, refused: { code: 'idempotency_key_reused' } })
  expect((await once('k2')).ok).toBe(true)
})

test('every command that succeeds leaves one act: who, when, in what role, what', async () => {
  const { rows } = await base.owner.query<{ command: string; role: string; actor_id: number }>(
    `select command, role, actor_id from platform.act where command = 'test.once'`,
  )
  expect(rows).toEqual([
    { command: 'test.once', role: 'office_decider', actor_id: 1 },
    { command: 'test.once', role: 'office_decider', actor_id: 1 },
  ])
})

test('a connection that the server ends in the middle of a command loses nothing and doubles nothing', async () => {
  const killer = new pg.Client(base.connection('postgres'))
  await killer.connect()
  const attempt = transact(testContext(base), 'test.killed', async (tx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx.q)
    await tx.q.insertInto('network.staff').values({ office_id: tx.office, id: 77, name: '半' }).execute()
    await killer.query('select pg_terminate_backend($1)', [rows[0]?.pid])
    await sql`select 1`.execute(tx.q)
    return ok(null)
  })
  await expect(attempt).rejects.toThrow()
  await killer.end()
  expect((await base.owner.query('select from network.staff where id = 77')).rows).toEqual([])
  expect((await transact(testContext(base), 'test.after', async () => ok(1))).ok).toBe(true)
})

test('who only looks does not wait behind commands, and asks in the name of its own office from the first question on', async () => {
  const held = await Promise.all(Array.from({ length: 10 }, () => base.db.pool.connect()))
  const officeSeen = (office: number) =>
    read(testContext(base, { office }), async (tx) => {
      const { rows } = await sql<{ who: string; office: string }>`
        select current_user::text as who, current_setting('app.office') as office`.execute(tx.q)
      return rows[0]
    })
  const offices = Array.from({ length: 60 }, (_, i) => 1 + (i % 7))
  expect(await Promise.all(offices.map(officeSeen))).toEqual(
    offices.map((office) => ({ who: 'tongzhou_app', office: String(office) })),
  )
  for (const client of held) client.release()
})

test('a question that fails, and a connection that ends, spoil nothing for who looks next', async () => {
  const one = () => read(testContext(base), (tx) => sql<{ n: number }>`select 1 as n`.execute(tx.q))
  const failing = Array.from({ length: 20 }, () => read(testContext(base), (tx) => sql`select 1 / 0`.execute(tx.q)))
  for (const each of await Promise.allSettled(failing)) expect(each.status).toBe('rejected')
  const killer = new pg.Client(base.connection('postgres'))
  await killer.connect()
  await killer.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'tongzhou_server' and datname = $1`,
    [(await base.owner.query<{ name: string }>('select current_database() as name')).rows[0]?.name],
  )
  await killer.end()
  const after = await Promise.allSettled(Array.from({ length: 20 }, one))
  expect(after.some((each) => each.status === 'fulfilled')).toBe(true)
  expect((await one()).rows).toEqual([{ n: 1 }])
  await expect(read(testContext(base), (tx) => sql`create table written (n int)`.execute(tx.q))).rejects.toThrow(
    'read-only',
  )
})

test('two clients that lock in opposite order both get through', async () => {
  await base.owner.query(`insert into membership.plan_gate (plan) values ('a'), ('b')`)
  const lock = (first: string, second: string) =>
    transact(testContext(base), 'test.deadlock', async (tx) => {
      await sql`select from membership.plan_gate where plan = ${first} for update`.execute(tx.q)
      await sql`select pg_sleep(0.2)`.execute(tx.q)
      await sql`select from membership.plan_gate where plan = ${second} for update`.execute(tx.q)
      return ok(null)
    })
  expect((await Promise.all([lock('a', 'b'), lock('b', 'a')])).every((answer) => answer.ok)).toBe(true)
})

const file = (name: string, checksum: string, ...statements: string[]): Migration => ({ name, checksum, statements })

test('a migration that fails leaves nothing, a changed one is refused, a newer database too, and two migrators do it once', async () => {
  const admin = new pg.Client(base.connection('postgres'))
  await admin.connect()
  await admin.query('create database migrating owner tongzhou_owner')
  const to = { ...base.connection('tongzhou_owner'), database: 'migrating' } as never
  const one = file('0001-a.sql', 'x', 'create table a (n int)')
  const broken = file('0002-b.sql', 'y', 'create table b (n int)', 'select nonsense')
  expect((await Promise.all([migrate(to, { migrations: [one] }), migrate(to, { migrations: [one] })])).flat()).toEqual([
    '0001-a.sql',
  ])
  await expect(migrate(to, { migrations: [one, broken] })).rejects.toThrow('left nothing')
  expect(await migrate(to, { migrations: [one, file('0002-b.sql', 'z', 'create table b (n int)')] })).toEqual([
    '0002-b.sql',
  ])
  await expect(migrate(to, { migrations: [{ ...one, checksum: 'changed' }, file('0002-b.sql', 'z')] })).rejects.toThrow(
    '改过',
  )
  await expect(migrate(to, { migrations: [one] })).rejects.toThrow('比程序新')
  await admin.query('drop database migrating with (force)')
  await admin.end()
})
