import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { clientConfig } from '#platform/database/index.ts'
import { migrate } from '#platform/database/migrate.ts'
import { startThrowaway } from '#platform/postgres/index.ts'

export interface Cluster {
  readonly socket: string
  readonly secrets: Readonly<Record<'postgres' | 'tongzhou_owner' | 'tongzhou_server', string>>
  readonly major: number
}

declare module 'vitest' {
  interface ProvidedContext {
    cluster: Cluster
  }
}

/**
 * One real PostgreSQL for the run, with one migrated template from which each test file clones its own database.
 * fsync is off here only: what a test loses in a power cut, nobody misses. TEST_POSTGRES_BIN names another PostgreSQL.
 */
export default async function setup(project: TestProject) {
  const postgres = await startThrowaway({
    binaries: process.env.TEST_POSTGRES_BIN,
    settings: {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      max_connections: '200',
      shared_buffers: '128MB',
    },
  })
  await migrate(postgres.connection('tongzhou_owner'))
  const superuser = postgres.connection('postgres', 'postgres')
  const client = new pg.Client(clientConfig(superuser))
  await client.connect()
  const { rows } = await client.query<{ major: number }>(
    `select current_setting('server_version_num')::int / 10000 as major`,
  )
  await client.end()
  const password = (role: 'postgres' | 'tongzhou_owner' | 'tongzhou_server') =>
    String(postgres.connection(role).password)
  project.provide('cluster', {
    socket: String(superuser.host),
    secrets: {
      postgres: password('postgres'),
      tongzhou_owner: password('tongzhou_owner'),
      tongzhou_server: password('tongzhou_server'),
    },
    major: rows[0]?.major ?? 0,
  })
  return postgres.destroy
}
