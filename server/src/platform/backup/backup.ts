import { createHash } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { copyFile, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { type Connection, clientConfig } from '../database/index.ts'
import { newestHead } from '../evidence/index.ts'
import { diskStorage, pathOf, type Storage } from '../files/index.ts'
import {
  asText,
  BackupRefused,
  copyOf,
  format,
  type KeysManifest,
  keyTable,
  type Manifest,
  ringMarks,
  type Table,
  type TableFile,
  tableFile,
  tablesOf,
} from './format.ts'

/** Passes bytes on, counting and hashing them. */
export const measured = () => {
  const hash = createHash('sha256')
  const seen = { bytes: 0, sha256: () => hash.digest('hex') }
  const through = new Transform({
    transform: (piece: Buffer, _, done) => {
      hash.update(piece)
      seen.bytes += piece.length
      done(null, piece)
    },
  })
  return { through, seen }
}

/** One table as COPY text, compressed, into a file of its own. */
const copyTable = async (client: pg.Client, table: Table, file: string): Promise<TableFile> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const rows = client.query(copyTo(`copy ${copyOf(table)} to stdout`))
  const { through, seen } = measured()
  await pipeline(rows, createGzip({ level: 3 }), through, createWriteStream(file, { mode: 0o600, flush: true }))
  return { name: table.name, columns: table.columns, rows: rows.rowCount, bytes: seen.bytes, sha256: seen.sha256() }
}

/** Small files wait for the disk, not for us: some are on their way at once. */
export const manyAtOnce = async <T>(all: readonly T[], work: (one: T, i: number) => Promise<void>): Promise<void> => {
  let next = 0
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let i = next++; i < all.length; i = next++) await work(all[i] as T, i)
    }),
  )
}

/** The encrypted files that the snapshot speaks of; one that is not there is counted, and the rest is still saved. */
const copyFiles = async (
  client: pg.Client,
  from: Storage,
  to: string,
  say: (line: string) => void,
): Promise<Manifest['files']> => {
  const { rows } = await client.query<{ name: string }>('select name from platform.file order by name')
  const lines: string[] = []
  let bytes = 0
  let missing = 0
  let told = Date.now()
  await manyAtOnce(rows, async ({ name }) => {
    const path = pathOf(name)
    const file = await from.open(name)
    if (!file) {
      missing += 1
      return
    }
    await mkdir(dirname(join(to, path)), { recursive: true, mode: 0o700 })
    const { through, seen } = measured()
    await pipeline(file, through, createWriteStream(join(to, path), { mode: 0o600, flush: true }))
    lines.push(`${name} ${seen.sha256()} ${seen.bytes}\n`)
    bytes += seen.bytes
    if (Date.now() - told > 2_000) {
      told = Date.now()
      say(`文件 ${lines.length}/${rows.length}`)
    }
  })
  const list = lines.sort().join('')
  await writeFile(join(to, '..', 'files.list'), list, { mode: 0o600, flush: true })
  return { count: lines.length, bytes, missing, sha256: createHash('sha256').update(list).digest('hex') }
}

/** A name and all that stands under it outlive a power cut. */
const keepName = async (path: string): Promise<void> => {
  const holder = await open(path, 'r')
  await holder.sync()
  await holder.close()
}

const within = (inner: string, outer: string): boolean => {
  const way = relative(resolve(outer), resolve(inner))
  return way === '' || !way.startsWith('..')
}

/**
 * Saves an installation while it works: every table in one snapshot, and the encrypted files. The key ring and the members'
 * keys go to another folder, which must be kept elsewhere; without it the backup tells nobody anything. The folder takes its
 * name only when it is complete.
 */
export const backup = async ({
  owner,
  dir,
  storage = diskStorage(join(dir, 'files')),
  into,
  keysInto,
  at,
  say = () => {},
}: {
  owner: Connection
  /** the installation's own folder, with its keys and files */
  dir: string
  /** where its files lie, if not in that folder */
  storage?: Storage
  into: string
  keysInto: string
  at: Date
  say?: (line: string) => void
}): Promise<Manifest> => {
  if (within(keysInto, into) || within(into, keysInto))
    throw new BackupRefused('钥匙要与备份分开放：--keys 请指向另一个地方，最好是另一个人保管的另一台设备。')
  if (existsSync(into) && (await readdir(into)).length > 0)
    throw new BackupRefused(`${into} 里已经有东西：请给每份备份一个新的文件夹名，例如加上日期。`)
  const ring = await ringMarks(join(dir, 'keys'))
  if (!ring) throw new BackupRefused(`${join(dir, 'keys')} 里没有钥匙圈：没有它，备份谁也打不开。请先找到它。`)
  const partial = `${resolve(into)}.partial`
  await rm(partial, { recursive: true, force: true }) // what a backup that was cut off has left
  await mkdir(partial, { recursive: true, mode: 0o700 })
  await mkdir(keysInto, { recursive: true, mode: 0o700 })

  const client = new pg.Client(clientConfig(owner))
  await client.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    await client.query(asText)
    const { rows: about } = await client.query<{ may: boolean; major: number }>(
      `select pg_has_role(current_user, 'tongzhou_owner', 'usage') as may, current_setting('server_version_num')::int / 10000 as major`,
    )
    if (!about[0]?.may)
      throw new BackupRefused('备份要用数据库所有者的账号：请设置 DATABASE_OWNER_URL（用户 tongzhou_owner）。')
    const { rows: migrations } = await client.query<{ name: string; checksum: string }>(
      'select name, checksum from migrations.file order by name',
    )
    const tables: TableFile[] = []
    const all = await tablesOf(client)
    const ordinary = all.filter(({ name }) => name !== keyTable)
    for (const [i, table] of ordinary.entries()) {
      const saved = await copyTable(client, table, join(partial, tableFile(table.name)))
      tables.push(saved)
      say(`${i + 1}/${ordinary.length}  ${table.name}  ${saved.rows} 行`)
    }
    const head = await newestHead(client)
    const files = await copyFiles(client, storage, join(partial, 'files'), say)

    // The newest keys take the place of the older ones: what was destroyed since is not brought back by anybody.
    const keys = all.find(({ name }) => name === keyTable)
    if (!keys) throw new Error('the table of the members’ keys is missing')
    const memberKeys = await copyTable(client, keys, join(keysInto, 'member-keys.copy.gz.new'))
    await copyFile(join(dir, 'keys', 'ring.json'), join(keysInto, 'ring.json.new'))
    const keysManifest: KeysManifest = { format, madeAt: at.toISOString(), memberKeys }
    await writeFile(join(keysInto, 'keys.json.new'), JSON.stringify(keysManifest, null, 1), {
      mode: 0o600,
      flush: true,
    })
    for (const name of ['member-keys.copy.gz', 'ring.json', 'keys.json'])
      await rename(join(keysInto, `${name}.new`), join(keysInto, name))
    await keepName(keysInto)

    const manifest: Manifest = {
      format,
      madeAt: at.toISOString(),
      postgres: about[0].major,
      migrations,
      ring,
      tables,
      files,
      head: head && { size: head.size, root: head.root },
    }
    await writeFile(join(partial, 'manifest.json'), JSON.stringify(manifest, null, 1), { mode: 0o600, flush: true })
    await client.query('commit')
    if (existsSync(into)) await rm(into, { recursive: true }) // an empty folder was offered
    await rename(partial, into)
    await keepName(dirname(resolve(into)))
    return manifest
  } finally {
    await client.end()
  }
}
