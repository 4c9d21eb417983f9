// npm run db:types [-- --check]: the database's types and its reference, from the catalogue of a freshly migrated database.
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { clientConfig } from '#platform/database/index.ts'
import { migrate } from '#platform/database/migrate.ts'
import { startThrowaway } from '#platform/postgres/index.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const typesFile = join(root, 'server/src/platform/database/schema.ts')
const referenceFile = join(root, 'docs/reference/schema.md')
const schemas = [
  'platform',
  'evidence',
  'network',
  'membership',
  'plans',
  'enrolment',
  'contributions',
  'ledger',
  'claims',
  'payments',
  'disclosure',
  'privacy',
]

const referenceOf = async (client: pg.Client): Promise<string> => {
  const { rows } = await client.query<{ table: string; rls: boolean; column: string; type: string; nullable: boolean }>(
    `select n.nspname || '.' || c.relname as table, c.relrowsecurity as rls, a.attname as column,
            format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where n.nspname = any ($1) and c.relkind = 'r' order by array_position($1, n.nspname::text), c.relname, a.attnum`,
    [schemas],
  )
  const lines = [
    '# The tables',
    '',
    'Written by `npm run db:types` from a freshly migrated database. The reasons stand in `db/migrations/`.',
    '',
  ]
  let table = ''
  for (const row of rows) {
    if (row.table !== table) {
      table = row.table
      lines.push(
        '',
        `## ${table}${row.rls ? '' : ' (no row-level security)'}`,
        '',
        '| column | type | |',
        '| --- | --- | --- |',
      )
    }
    lines.push(`| ${row.column} | ${row.type} | ${row.nullable ? 'may be empty' : ''} |`)
  }
  return `${lines.join('\n')}\n`
}

const postgres = await startThrowaway({ settings: { fsync: 'off' } })
try {
  const owner = postgres.connection('tongzhou_owner')
  await migrate(owner)
  const client = new pg.Client(clientConfig(owner))
  await client.connect()
  const reference = await referenceOf(client)
  await client.end()
  const url = `postgres://tongzhou_owner:${owner.password}@localhost/tongzhou?host=${encodeURIComponent(String(owner.host))}`
  const out = join(postgres.dir, 'schema.ts')
  execFileSync(
    process.execPath,
    [
      join(root, 'node_modules/kysely-codegen/dist/cli/bin.js'),
      ...[
        '--dialect',
        'postgres',
        '--url',
        url,
        '--out-file',
        out,
        '--date-parser',
        'string',
        '--numeric-parser',
        'string',
      ],
      ...['--include-pattern', `(${schemas.join('|')}).*`, '--default-schema', 'none', '--overrides', '{}'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const types = (await readFile(out, 'utf8'))
    // int8 is a safe number everywhere (platform/database/values.ts)
    .replace(/export type Int8 = .*\n/, 'export type Int8 = number\n')
    .replace('"none.', '"')
  if (process.argv.includes('--check')) {
    const fresh =
      types === (await readFile(typesFile, 'utf8')) &&
      reference === (await readFile(referenceFile, 'utf8').catch(() => ''))
    if (!fresh) {
      process.stderr.write(
        'schema.ts or docs/reference/schema.md is older than db/migrations: run `npm run db:types`.\n',
      )
      process.exitCode = 1
    }
  } else {
    await writeFile(typesFile, types)
    await writeFile(referenceFile, reference)
  }
} finally {
  await postgres.destroy()
}
