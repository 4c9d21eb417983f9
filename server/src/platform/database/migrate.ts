import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type Connection, clientConfig } from './index.ts'
import { statementsOf } from './sql-lexer.ts'

export interface Migration {
  readonly name: string
  readonly checksum: string
  readonly statements: readonly string[]
}

const folder = fileURLToPath(new URL('../../../../db/migrations/', import.meta.url))
/** Any number, but always the same one: two migrators stand in line on it. */
const migrationLock = 7_204_151

/** The migrations of a folder in order: `0001-name.sql`, numbered without a gap. */
export const migrationsIn = async (dir = folder): Promise<Migration[]> => {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.sql')).sort()
  names.forEach((name, i) => {
    if (!name.startsWith(`${String(i + 1).padStart(4, '0')}-`))
      throw new Error(`migrations are numbered without a gap: ${name}`)
  })
  return Promise.all(
    names.map(async (name) => {
      const text = (await readFile(`${dir}/${name}`, 'utf8')).replaceAll('\r\n', '\n')
      return { name, checksum: createHash('sha256').update(text).digest('hex'), statements: statementsOf(text) }
    }),
  )
}

export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused'
}

/**
 * Brings a database to the newest schema, as its owner: one transaction a file, one statement a call. A file that changed
 * after it ran, or a database newer than this program, is refused. Returns the names of the files that ran now.
 */
export const migrate = async (
  to: Connection,
  { migrations, onFile }: { migrations?: readonly Migration[]; onFile?: (name: string) => void } = {},
): Promise<string[]> => {
  const wanted = migrations ?? (await migrationsIn())
  const client = new pg.Client(clientConfig(to))
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock])
    await client.query(`create schema if not exists migrations`)
    await client.query(
      `create table if not exists migrations.file (
         name text primary key, checksum text not null, applied_at timestamptz not null default now())`,
    )
    const { rows } = await client.query<{ name: string; checksum: string }>(
      'select name, checksum from migrations.file order by name',
    )
    const applied = new Map(rows.map((row) => [row.name, row.checksum]))
    for (const [name, checksum] of applied) {
      const file = wanted.find((each) => each.name === name)
      if (!file)
        throw new MigrationRefused(
          `数据库比程序新：已有迁移 ${name}，请升级程序。The database is newer than this program.`,
        )
      if (file.checksum !== checksum)
        throw new MigrationRefused(
          `迁移文件 ${name} 在执行之后被改过；请恢复原文件，改动写成新的迁移。This migration was changed after it ran.`,
        )
    }
    const ran: string[] = []
    for (const file of wanted) {
      if (applied.has(file.name)) continue
      onFile?.(file.name)
      await client.query('begin')
      try {
        for (const statement of file.statements) await client.query(statement)
        await client.query('insert into migrations.file (name, checksum) values ($1, $2)', [file.name, file.checksum])
        await client.query('commit')
      } catch (error) {
        await client.query('rollback')
        throw new Error(`migration ${file.name} failed and left nothing: ${(error as Error).message}`, { cause: error })
      }
      ran.push(file.name)
    }
    return ran
  } finally {
    await client.end()
  }
}
