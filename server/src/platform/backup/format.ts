import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { keyFor } from '../vault/keys.ts'

// A backup is a folder: manifest.json, one COPY text a table (tables/schema.table.copy.gz), and the encrypted files. The keys
// are in a folder of their own, kept elsewhere: ring.json, and the members' keys as one more COPY text.

export const format = 1

export interface TableFile {
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
}

export interface Manifest {
  readonly format: number
  readonly madeAt: string
  readonly postgres: number
  readonly migrations: readonly { readonly name: string; readonly checksum: string }[]
  readonly ring: RingMarks
  readonly tables: readonly TableFile[]
  /** the list of files, checked by its own hash: `name sha256 bytes` a line */
  readonly files: { readonly count: number; readonly bytes: number; readonly missing: number; readonly sha256: string }
  readonly head: { readonly size: number; readonly root: string } | null
}

export interface KeysManifest {
  readonly format: number
  readonly madeAt: string
  readonly memberKeys: TableFile
}

/** Why a backup or a restore is not done, in words for the person at the keyboard; nothing was changed. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused'
}

/** Where a key was destroyed it must stay destroyed: these rows go with the keys, and only their newest copy is kept. */
export const keyTable = 'platform.member_key'
/** Not worth keeping: whoever was signed in signs in again. */
const leftOut = ['platform.session']

export const tableFile = (name: string): string => join('tables', `${name}.copy.gz`)

/** How values are written as text, on both sides. */
export const asText = `set local datestyle to 'ISO, YMD'; set local timezone to 'UTC'; set local intervalstyle to 'iso_8601';
  set local extra_float_digits to 1; set local bytea_output to 'hex'; set local client_encoding to 'UTF8'`

export interface Table {
  readonly name: string
  readonly columns: readonly string[]
}

/** The tables of the schema that hold what was written; unlogged ones are scratch paper. */
export const tablesOf = async (client: pg.ClientBase): Promise<Table[]> => {
  const { rows } = await client.query<{ name: string; columns: string[] }>(
    `select n.nspname || '.' || c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'migrations', 'public')
      group by 1 order by 1`,
  )
  return rows.filter(({ name }) => !leftOut.includes(name))
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const qualified = (name: string): string => name.split('.').map(quoted).join('.')
export const copyOf = ({ name, columns }: Table): string => `${qualified(name)} (${columns.map(quoted).join(', ')})`

/** Tells one key ring from another without telling anything of the keys. */
export interface RingMarks {
  readonly keys: Readonly<Record<string, string>>
  readonly hash: string
}
const mark = (secret: string): string =>
  createHash('sha256').update(keyFor(secret, 'ring.mark')).digest('hex').slice(0, 16)

/** The marks of the ring in a folder; undefined where there is none. */
export const ringMarks = async (dir: string): Promise<RingMarks | undefined> => {
  const file = join(dir, 'ring.json')
  if (!existsSync(file)) return undefined
  const ring = JSON.parse(await readFile(file, 'utf8')) as { keys: Record<string, string>; hashKey: string }
  return {
    keys: Object.fromEntries(Object.entries(ring.keys).map(([id, secret]) => [id, mark(secret)])),
    hash: mark(ring.hashKey),
  }
}

/** Whether a ring opens what was sealed under another: it may have newer keys, and has all the old ones. */
export const opensAllOf = (ring: RingMarks, sealedUnder: RingMarks): boolean =>
  ring.hash === sealedUnder.hash && Object.entries(sealedUnder.keys).every(([id, key]) => ring.keys[id] === key)

export const sha256Of = async (file: string): Promise<string> => {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer)
  return hash.digest('hex')
}
