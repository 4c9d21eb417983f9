import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { type Connection, clientConfig } from '../database/index.ts'
import { type Migration, migrate, migrationsIn } from '../database/migrate.ts'
import { pathOf, type Storage } from '../files/index.ts'
import { manyAtOnce, measured } from './backup.ts'
import {
  asText,
  BackupRefused,
  copyOf,
  format,
  type KeysManifest,
  keyTable,
  type Manifest,
  opensAllOf,
  qualified,
  ringMarks,
  sha256Of,
  type Table,
  type TableFile,
  tableFile,
  tablesOf,
} from './format.ts'

export interface Checked {
  readonly from: string
  readonly keysFrom: string
  readonly manifest: Manifest
  readonly keys: KeysManifest
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly bytes: number }[]
  readonly migrations: readonly Migration[]
}

const readJson = async <T>(file: string): Promise<T | undefined> => {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}

/**
 * Looks at a backup and its keys from end to end before anything is touched: complete, every byte as it was written, made by
 * this program or an older one, and the right keys beside it.
 */
export const checkBackup = async ({
  from,
  keysFrom,
  say = () => {},
}: {
  from: string
  keysFrom: string
  say?: (line: string) => void
}): Promise<Checked> => {
  const manifest = await readJson<Manifest>(join(from, 'manifest.json'))
  if (!manifest)
    throw new BackupRefused(
      existsSync(from)
        ? `${from} 不是一份做完的备份（没有 manifest.json）：做到一半的备份叫 ….partial，请用另一份，或重做。`
        : `没有 ${from} 这个文件夹。`,
    )
  if (manifest.format !== format)
    throw new BackupRefused(`这份备份的格式是 ${manifest.format}，这个程序只认 ${format}。`)
  const program = await migrationsIn()
  const stranger = manifest.migrations.findIndex(
    ({ name, checksum }, i) => program[i]?.name !== name || program[i]?.checksum !== checksum,
  )
  if (stranger >= 0)
    throw new BackupRefused(
      `这份备份是更新的或另一个版本的程序做的（${manifest.migrations[stranger]?.name}）：请用做备份的那个版本，或更新的版本。`,
    )

  const keys = await readJson<KeysManifest>(join(keysFrom, 'keys.json'))
  const ring = await ringMarks(keysFrom)
  if (!keys || !ring) throw new BackupRefused(`${keysFrom} 里没有钥匙（ring.json、keys.json）：没有它，备份打不开。`)
  if (!opensAllOf(ring, manifest.ring))
    throw new BackupRefused(`${keysFrom} 里的钥匙不是这份备份的钥匙：姓名、证件号和文件都会打不开。请换成当时的钥匙。`)

  const whole = async (file: string, sha256: string): Promise<void> => {
    const found = await sha256Of(file).catch(() => null)
    if (found === null) throw new BackupRefused(`备份不完整：缺 ${file}。请用另一份。`)
    if (found !== sha256) throw new BackupRefused(`备份坏了：${file} 与做备份时不同。请用另一份。`)
  }
  say('正在核对备份的每一个文件')
  for (const table of manifest.tables) await whole(join(from, tableFile(table.name)), table.sha256)
  await whole(join(keysFrom, 'member-keys.copy.gz'), keys.memberKeys.sha256)
  await whole(join(from, 'files.list'), manifest.files.sha256)
  const files = (await readFile(join(from, 'files.list'), 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', sha256 = '', bytes] = line.split(' ')
      return { name, sha256, bytes: Number(bytes) }
    })
  await manyAtOnce(files, ({ name, sha256 }) => whole(join(from, 'files', name.slice(0, 2), name), sha256))
  return { from, keysFrom, manifest, keys, files, migrations: program.slice(0, manifest.migrations.length) }
}

/** A database in which nothing has ever been written: no id was taken, and it is not ahead of the backup. */
const requireEmpty = async (client: pg.Client, checked: Checked): Promise<void> => {
  const { rows } = await client.query<{ migrated: boolean }>(
    `select to_regclass('migrations.file') is not null as migrated`,
  )
  if (!rows[0]?.migrated) return
  const { rows: ran } = await client.query<{ name: string }>('select name from migrations.file order by name')
  const { rows: ids } = await client.query<{ taken: boolean }>(
    ran.length > 0 ? 'select next > 1001 as taken from platform.id_block' : 'select false as taken',
  )
  if (ids[0]?.taken || ran.length > checked.migrations.length)
    throw new BackupRefused(
      '这里已经有数据了：恢复只放进一个全新的数据库，不覆盖任何东西。请换一个 TONGZHOU_DIR，或一个新建的数据库。',
    )
}

const load = async (client: pg.Client, table: Table, file: string, expected: TableFile): Promise<void> => {
  const { through, seen } = measured()
  const rows = client.query(copyFrom(`copy ${copyOf(table)} from stdin`))
  await pipeline(createReadStream(file), through, createGunzip(), rows)
  if (rows.rowCount !== expected.rows || seen.bytes !== expected.bytes)
    throw new BackupRefused(`备份坏了：${table.name} 应有 ${expected.rows} 行，读到 ${rows.rowCount} 行。`)
}

interface Constraint {
  readonly table: string
  readonly name: string
  readonly definition: string
}

/** Puts every row back with the foreign keys lifted, and lets them ask all rows at once at the end. */
const loadTables = async (client: pg.Client, checked: Checked, say: (line: string) => void): Promise<void> => {
  const { manifest, from, keysFrom } = checked
  const known = new Map((await tablesOf(client)).map((table) => [table.name, table]))
  const expected = [...manifest.tables.map(({ name }) => name), keyTable].sort()
  if (JSON.stringify([...known.keys()].sort()) !== JSON.stringify(expected))
    throw new BackupRefused('备份里的表与它所说的版本不符：清单被改动过，请用另一份。')
  const { rows: keys } = await client.query<Constraint>(
    `select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
       from pg_constraint where contype = 'f' and connamespace::regnamespace::text !~ '^pg_|^information_schema' order by 1, 2`,
  )
  const { rows: forced } = await client.query<{ table: string }>(
    `select c.oid::regclass::text as table from pg_class c where c.relkind = 'r' and c.relforcerowsecurity`,
  )
  for (const { table, name } of keys) await client.query(`alter table ${table} drop constraint ${name}`)
  for (const { table } of forced) await client.query(`alter table ${table} no force row level security`)
  await client.query(`truncate ${[...known.keys()].map(qualified).join(', ')}`)
  for (const [i, saved] of manifest.tables.entries()) {
    await load(client, saved, join(from, tableFile(saved.name)), saved)
    say(`${i + 1}/${manifest.tables.length}  ${saved.name}  ${saved.rows} 行`)
  }
  const { memberKeys } = checked.keys
  await load(client, memberKeys, join(keysFrom, 'member-keys.copy.gz'), memberKeys)
  say('正在核对表之间的关系')
  for (const { table, name, definition } of keys)
    await client.query(`alter table ${table} add constraint ${name} ${definition}`)
  for (const { table } of forced) await client.query(`alter table ${table} force row level security`)
}

const putFiles = async (checked: Checked, to: string, say: (line: string) => void): Promise<void> => {
  let told = Date.now()
  await manyAtOnce(checked.files, async ({ name, sha256 }, i) => {
    const path = join(name.slice(0, 2), name)
    await mkdir(dirname(join(to, path)), { recursive: true, mode: 0o700 })
    const { through, seen } = measured()
    await pipeline(
      createReadStream(join(checked.from, 'files', path)),
      through,
      createWriteStream(join(to, path), { mode: 0o600, flush: true }),
    )
    if (seen.sha256() !== sha256) throw new BackupRefused(`备份坏了：文件 ${name} 与做备份时不同。`)
    if (Date.now() - told > 2_000) {
      told = Date.now()
      say(`文件 ${i + 1}/${checked.files.length}`)
    }
  })
}

/** The same into a bucket: a name is never that of another file, so that what is there already stays as it is. */
const putInto = async (storage: Storage, checked: Checked, say: (line: string) => void): Promise<void> => {
  let told = Date.now()
  await manyAtOnce(checked.files, async ({ name, sha256 }, i) => {
    const sealed = await readFile(join(checked.from, 'files', pathOf(name)))
    if (createHash('sha256').update(sealed).digest('hex') !== sha256)
      throw new BackupRefused(`备份坏了：文件 ${name} 与做备份时不同。`)
    await storage.put(name, sealed)
    if (Date.now() - told > 2_000) {
      told = Date.now()
      say(`文件 ${i + 1}/${checked.files.length}`)
    }
  })
}

/**
 * Puts a checked backup into a new installation, of this PostgreSQL or another from 15 on: schema as it was, rows, files and
 * keys, then the migrations made since. All or nothing; an installation with data is never overwritten.
 */
export const restore = async ({
  owner,
  dir,
  storage,
  checked,
  say = () => {},
}: {
  owner: Connection
  dir: string
  /** where its files are to lie, if not in that folder */
  storage?: Storage
  checked: Checked
  say?: (line: string) => void
}): Promise<void> => {
  const files = join(resolve(dir), 'files')
  if (existsSync(files) && (await readdir(files)).length > 0)
    throw new BackupRefused(`${files} 里已经有文件：恢复不覆盖任何东西，请换一个 TONGZHOU_DIR。`)
  const here = await ringMarks(join(dir, 'keys'))
  if (here && !opensAllOf(here, checked.manifest.ring))
    throw new BackupRefused(`${join(dir, 'keys')} 里已有另一套钥匙：请换一个 TONGZHOU_DIR，不要删掉它。`)

  const client = new pg.Client(clientConfig(owner))
  await client.connect()
  const arriving = `${files}.restoring`
  try {
    await requireEmpty(client, checked)
    await migrate(owner, { migrations: checked.migrations })
    await rm(arriving, { recursive: true, force: true })
    await mkdir(arriving, { recursive: true, mode: 0o700 })
    await client.query('begin')
    await client.query(asText)
    await loadTables(client, checked, say)
    await (storage ? putInto(storage, checked, say) : putFiles(checked, arriving, say))
    await mkdir(join(dir, 'keys'), { recursive: true, mode: 0o700 })
    if (!here) await copyFile(join(checked.keysFrom, 'ring.json'), join(dir, 'keys', 'ring.json'))
    if (existsSync(files)) await rm(files, { recursive: true })
    await rename(arriving, files)
    await client.query('commit')
    await migrate(owner, { onFile: (name) => say(`升级数据库 ${name}`) })
    await client.query('analyze')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    await rm(arriving, { recursive: true, force: true })
    throw error
  } finally {
    await client.end().catch(() => {})
  }
}
