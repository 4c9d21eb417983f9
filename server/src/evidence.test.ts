import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { ok } from '#kernel/result.ts'
import { openDatabase, transact } from '#platform/database/index.ts'
import { log, proveRow, sealer } from '#platform/evidence/index.ts'
import { benefitsPaid } from '../../journeys/benefits.ts'
import { openWorld, type World } from '../../journeys/world.ts'
import { testContext } from '../../test/database.ts'
import { findingText, sealed, verifyEvidence } from './evidence.ts'

// Whoever holds the database itself may rewrite it. He cannot do so unseen: each planted defect is found, and named.

let world: World
let master: pg.Client
let seal: () => Promise<number>
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
  await benefitsPaid(world)
  master = new pg.Client(world.base.connection('postgres'))
  await master.connect()
  seal = sealer({ db: world.base.db, clock: () => new Date('2026-07-20T12:00:00+08:00') }).drain
  await seal()
})
afterAll(async () => {
  await master.end()
  await world.close()
})

const verify = (earlier: { size: number; root: string }[] = []) => verifyEvidence(world.base.owner, earlier)
const one = async <T extends pg.QueryResultRow>(sql: string): Promise<T> => (await master.query<T>(sql)).rows[0] as T
const run = async (...statements: string[]) => {
  for (const statement of statements) await master.query(statement)
}

test('an ordinary year is whole: acts, journals, decisions, letters, lists and their rows, every one in the log', async () => {
  const verified = await verify()
  expect(verified.findings).toEqual([])
  expect(verified.unsealed).toBe(0)
  for (const { name, view } of sealed) {
    const { rows, leaves } = await one<{ rows: string; leaves: string }>(
      `select (select count(*) from ${view}) as rows, (select count(*) from evidence.leaf where source = '${name}') as leaves`,
    )
    expect([name, leaves]).toEqual([name, rows])
    expect(Number(rows)).toBeGreaterThan(0)
  }
})

test('the server can neither change nor remove what it wrote, nor touch the log but by sealing', async () => {
  const tried = async (sql: string) =>
    transact(testContext(world.base), 'test.forbidden', async (tx) => {
      await tx.client.query(sql)
      return ok(null)
    })
  for (const table of [
    ...['platform.act', 'ledger.journal', 'ledger.entry', 'claims.decision', 'claims.letter', 'disclosure.list'],
    'disclosure.row',
  ])
    for (const sql of [`delete from ${table}`, `update ${table} set office_id = office_id`])
      await expect(tried(sql), sql).rejects.toThrow('permission denied')
  for (const sql of [
    'delete from evidence.leaf',
    'update evidence.head set size = size',
    'delete from evidence.unsealed',
    'select * from evidence.log',
  ])
    await expect(tried(sql), sql).rejects.toThrow('permission denied')
})

describe('a planted defect is found and named', () => {
  let undo: string[] = []
  afterEach(async () => {
    await run(...undo)
    undo = []
    expect((await verify()).findings).toEqual([])
  })

  test('an act whose hand was changed', async () => {
    const { office_id, id } = await one<{ office_id: string; id: string }>(
      `select office_id, id from platform.act where command = 'claims.decide' order by id limit 1`,
    )
    await run(`update platform.act set actor_id = actor_id + 1 where office_id = ${office_id} and id = ${id}`)
    undo = [`update platform.act set actor_id = actor_id - 1 where office_id = ${office_id} and id = ${id}`]
    const { findings } = await verify()
    expect(findings).toMatchObject([
      { kind: 'changed', row: { source: 'act', office: Number(office_id), id: Number(id) } },
    ])
    expect(findings.map(findingText)[0]).toMatch(new RegExp(`操作记录 ${office_id}/${id} 被改动过`))
  })

  test.each([
    ['a fen in a decision', `claims.decision set benefit_fen = benefit_fen`, 'decision', 'item_id'],
    ['a fen in one entry of a journal', `ledger.entry set amount_fen = amount_fen`, 'journal', 'journal_id'],
    ['a fen in the head of a list', `disclosure.list set total_fen = total_fen`, 'list', 'id'],
  ])('%s', async (_, update, source, key) => {
    const table = update.split(' ')[0]
    const { id } = await one<{ id: string }>(`select ${key} as id from ${table} order by 1 limit 1`)
    await run(`update ${update} + 1 where ${key} = ${id}`)
    undo = [`update ${update} - 1 where ${key} = ${id}`]
    expect((await verify()).findings).toMatchObject([{ kind: 'changed', row: { source, id: Number(id) } }])
  })

  test('a day in a letter, and the fingerprint of a published row', async () => {
    await run(
      `update claims.letter set object_until = object_until + 1 where item_id = (select min(item_id) from claims.letter)`,
      `update disclosure.row set fingerprint = '\\x00' || fingerprint where line = 2`,
    )
    undo = [
      `update claims.letter set object_until = object_until - 1 where item_id = (select min(item_id) from claims.letter)`,
      `update disclosure.row set fingerprint = substr(fingerprint, 2) where line = 2`,
    ]
    expect((await verify()).findings).toMatchObject([
      { kind: 'changed', row: { source: 'letter' } },
      { kind: 'changed', row: { source: 'list-row', part: 2 } },
    ])
  })

  test('an act that was removed, with or without its leaf', async () => {
    await run(
      'create table public.kept_act as select * from platform.act where id = (select max(id) from platform.act)',
      'create table public.kept_leaf as select l.* from evidence.leaf l join public.kept_act a using (office_id, id)',
      'delete from platform.act using public.kept_act k where act.id = k.id',
    )
    const { id, seq } = await one<{ id: string; seq: string }>('select id, seq from public.kept_leaf')
    undo = ['insert into platform.act select * from public.kept_act', 'drop table public.kept_act, public.kept_leaf']
    expect((await verify()).findings).toMatchObject([{ kind: 'removed', row: { source: 'act', id: Number(id) } }])
    await run('delete from evidence.leaf l using public.kept_leaf k where l.seq = k.seq')
    undo.unshift('insert into evidence.leaf select * from public.kept_leaf')
    expect((await verify()).findings).toMatchObject([{ kind: 'gap', from: Number(seq), to: Number(seq) }])
  })

  test('an act put in by hand', async () => {
    await run(
      `insert into platform.act (office_id, id, at, actor_kind, actor_id, role, command, request_id) values (2, 1, now(), 'staff', 1, 'x', 'claims.decide', 'x')`,
    )
    undo = ['delete from platform.act where id = 1']
    expect((await verify()).findings).toMatchObject([{ kind: 'added', row: { source: 'act', office: 2, id: 1 } }])
  })

  test('two leaves that changed places in the log', async () => {
    const swap = (a: number, b: number) => [
      `update evidence.leaf set seq = 900000 where seq = ${a}`,
      `update evidence.leaf set seq = ${a} where seq = ${b}`,
      `update evidence.leaf set seq = ${b} where seq = 900000`,
    ]
    await run(...swap(5, 9))
    undo = swap(5, 9)
    const { findings } = await verify()
    expect(findings.map((each) => each.kind)).toEqual(['re-ordered', 're-ordered'])
    expect(findings).toMatchObject([
      { seq: 9, belongsAt: 5 },
      { seq: 5, belongsAt: 9 },
    ])
  })

  test('a row changed together with its leaf: the head tells, and between which leaves', async () => {
    const { seq, id } = await one<{ seq: string; id: string }>(
      `select seq, id from evidence.leaf where source = 'decision' order by seq limit 1`,
    )
    const reseal = `update evidence.leaf l set leaf = evidence.leaf_hash(claims.decision_line(d)) from claims.decision d where l.seq = ${seq} and d.item_id = l.id`
    await run(`update claims.decision set benefit_fen = benefit_fen + 1 where item_id = ${id}`, reseal)
    undo = [`update claims.decision set benefit_fen = benefit_fen - 1 where item_id = ${id}`, reseal]
    const { findings } = await verify()
    expect(findings).toHaveLength(1)
    const [found] = findings
    expect(found).toMatchObject({ kind: 'rewritten' })
    if (found?.kind === 'rewritten') {
      expect(found.from).toBeLessThanOrEqual(Number(seq))
      expect(found.to).toBeGreaterThanOrEqual(Number(seq))
    }
  })

  test('the whole log made anew over changed rows: only a head kept outside tells, and it does', async () => {
    const kept = await verify()
    const { id } = await one<{ id: string }>('select min(item_id) as id from claims.decision')
    await run(
      'create table public.l as select * from evidence.leaf',
      'create table public.h as select * from evidence.head',
      'create table public.g as select * from evidence.log',
    )
    const remake = async () => {
      await run(
        'insert into evidence.unsealed select office_id, source, id, part, leaf from evidence.leaf',
        'delete from evidence.leaf',
        'delete from evidence.head',
        `update evidence.log set size = 0, peaks = '{}'`,
        `update evidence.unsealed l set leaf = evidence.leaf_hash(claims.decision_line(d)) from claims.decision d where l.source = 'decision' and d.item_id = l.id`,
      )
      await seal()
    }
    await run(`update claims.decision set benefit_fen = benefit_fen + 1 where item_id = ${id}`)
    await remake()
    undo = [
      `update claims.decision set benefit_fen = benefit_fen - 1 where item_id = ${id}`,
      'delete from evidence.leaf',
      'delete from evidence.head',
      'delete from evidence.log',
      'insert into evidence.leaf select * from public.l',
      'insert into evidence.head select * from public.h',
      'insert into evidence.log select * from public.g',
      'drop table public.l, public.h, public.g',
    ]
    expect((await verify()).findings).toEqual([])
    expect((await verify([kept])).findings).toMatchObject([{ kind: 'not-consistent', size: kept.size }])
  })

  test('a head that was bent, and one that was taken away', async () => {
    const { size, root } = await one<{ size: string; root: Buffer }>(
      'select size, root from evidence.head order by size desc limit 1',
    )
    await run(`update evidence.head set root = sha256(root) where size = ${size}`)
    undo = [`update evidence.head set root = '\\x${root.toString('hex')}' where size = ${size}`]
    expect((await verify()).findings).toEqual([{ kind: 'head', size: Number(size) }])
  })
})

test('a log that went on growing still begins with every head it ever had', async () => {
  const kept = await verify()
  await transact(testContext(world.base), 'test.more', async () => ok(null))
  expect(await seal()).toBe(1)
  const later = await verify([kept])
  expect(later.findings).toEqual([])
  expect(later.size).toBe(kept.size + 1)
  expect((await verify([{ size: later.size + 5, root: later.root }])).findings).toMatchObject([
    { kind: 'not-consistent' },
  ])
})

test('between being written and being sealed a change is found too', async () => {
  await transact(testContext(world.base), 'test.waiting', async () => ok(null))
  await run(`update platform.act set reason = 'x' where command = 'test.waiting'`)
  expect((await verify()).findings).toMatchObject([{ kind: 'changed', row: { source: 'act' }, seq: null }])
  await run(`update platform.act set reason = null where command = 'test.waiting'`)
  await seal()
  expect((await verify()).findings).toEqual([])
})

test('a transaction that commits late is sealed late, never skipped, and waits for no sealer', async () => {
  const before = (await verify()).size
  let finish = (): void => {}
  let opened = (): void => {}
  const isOpen = new Promise<void>((go) => {
    opened = go
  })
  const slow = transact(testContext(world.base), 'test.slow', async (tx) => {
    await tx.client.query(`insert into evidence.unsealed values (2, 'act', 77, 0, sha256('x'))`)
    opened()
    await new Promise<void>((go) => {
      finish = go
    })
    return { ok: false as const, refused: { code: 'not_allowed' } }
  })
  const late = transact(testContext(world.base), 'test.late', async () => {
    await isOpen
    await new Promise((go) => setTimeout(go, 300))
    return ok(null)
  })
  await isOpen
  for (let i = 0; i < 3; i += 1) await transact(testContext(world.base), `test.quick${i}`, async () => ok(null))
  expect(await seal()).toBe(3) // though an older transaction is still open
  await late
  finish()
  await slow
  expect(await seal()).toBe(1) // and what was rolled back was never there
  const after = await verify()
  expect(after.size).toBe(before + 4)
  expect(after.findings).toEqual([])
})

test('four sealers and eight writers at once: every act once in the log, and nobody waits', {
  timeout: 120_000,
}, async () => {
  const before = (await verify()).size
  const databases = [1, 2, 3, 4].map(() => openDatabase(world.base.connection('tongzhou_server'), { connections: 2 }))
  let writing = true
  const sealers = databases.map(async (db) => {
    const { drain } = sealer({ db, clock: () => new Date('2026-07-21T00:00:00Z') })
    while (writing) await drain()
  })
  await Promise.all(
    Array.from({ length: 8 }, async (_, writer) => {
      for (let i = 0; i < 50; i += 1)
        await transact(testContext(world.base, { office: 2 + (writer % 2) }), `test.many`, async () => ok(null))
    }),
  )
  writing = false
  await Promise.all(sealers)
  await seal()
  const after = await verify()
  expect(after.size).toBe(before + 400)
  expect(after.findings).toEqual([])
  expect(after.unsealed).toBe(0)
  await Promise.all(databases.map((db) => db.close()))
})

test('a row proves itself to whoever holds a head: its text, its place and a few hashes are enough', async () => {
  const source = sealed.find(({ name }) => name === 'decision')
  const { office_id, item_id } = await one<{ office_id: string; item_id: string }>(
    'select * from claims.decision limit 1',
  )
  const head = await verify()
  const proof = await proveRow(world.base.owner, source ?? (sealed[0] as never), {
    office: Number(office_id),
    id: Number(item_id),
    part: 0,
  })
  if (!proof) throw new Error('a sealed decision has a proof')
  expect(JSON.parse(proof.line)).toMatchObject({ of: 'decision', item: Number(item_id) })
  const hashes = proof.proof.map((each) => Buffer.from(each, 'hex'))
  const kept = { size: head.size, root: Buffer.from(head.root, 'hex') }
  expect(log.isIncluded(log.leafHash(Buffer.from(proof.line)), proof.index, kept, hashes)).toBe(true)
  const other = Buffer.from(proof.line.replace('"benefit_fen": ', '"benefit_fen": 1'))
  expect(log.isIncluded(log.leafHash(other), proof.index, kept, hashes)).toBe(false)
})
