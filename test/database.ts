import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { inject } from 'vitest'
import { civilDayAt, day } from '#kernel/days.ts'
import { type Actor, type Context, clientConfig, type Database, openDatabase } from '#platform/database/index.ts'
import { diskStorage, openFiles } from '#platform/files/index.ts'
import type { Services } from '#platform/services.ts'
import { openVault } from '#platform/vault/index.ts'

export interface TestDatabase {
  readonly db: Database
  /** The owner's pool: sees every office, for setting up and for looking at what really happened. */
  readonly owner: pg.Pool
  readonly services: Services
  /** the installation's folder, with its keys and files */
  readonly dir: string
  /** Where a role signs in, for connections of a test's own. */
  connection(role: 'postgres' | 'tongzhou_owner' | 'tongzhou_server'): pg.ClientConfig
  close(): Promise<void>
}

/** A database of its own, cloned from the migrated template in milliseconds; dropped by `close`. */
export const testDatabase = async ({ connections = 10 } = {}): Promise<TestDatabase> => {
  const { socket, secrets } = inject('cluster')
  const name = `t_${process.pid}_${Math.random().toString(36).slice(2, 10)}`
  const at = (role: keyof typeof secrets, database: string) => ({
    host: socket,
    port: 5432,
    user: role,
    password: secrets[role],
    database,
  })
  const admin = new pg.Client(clientConfig(at('postgres', 'postgres')))
  await admin.connect()
  await admin.query(`create database ${name} template tongzhou owner tongzhou_owner`)
  await admin.query(`grant connect on database ${name} to tongzhou_server`)
  const db = openDatabase(at('tongzhou_server', name), { connections })
  const owner = new pg.Pool({ ...clientConfig(at('tongzhou_owner', name)), max: 4 })
  owner.on('error', () => {}) // dropping the database ends its idle connections
  const dir = await mkdtemp(join(tmpdir(), 'tz-vault-'))
  const vault = await openVault({ dir: join(dir, 'keys') })
  const services: Services = {
    vault,
    files: openFiles({ storage: diskStorage(join(dir, 'files')), vault }),
    demonstration: true,
    secondStep: 'off',
  }
  return {
    db,
    owner,
    services,
    dir,
    connection: (role) => clientConfig(at(role, name)),
    close: async () => {
      await Promise.all([db.close(), owner.end(), vault.close()])
      await admin.query(`drop database ${name} with (force)`)
      await admin.end()
    },
  }
}

let requests = 0
/** A request's surroundings in a test: who, where, and on which day. */
export const testContext = (
  test: Pick<TestDatabase, 'db' | 'services'>,
  {
    office = 2,
    actor,
    today = '2026-03-02',
    idempotencyKey,
  }: { office?: number; actor?: Partial<Actor>; today?: string; idempotencyKey?: string } = {},
): Context => {
  requests += 1
  const at = new Date(`${day(today)}T10:00:00+08:00`)
  return {
    db: test.db,
    services: test.services,
    office,
    actor: { kind: 'staff', id: 1, name: '李明', role: 'office_decider', place: null, ...actor },
    today: civilDayAt(at),
    at,
    requestId: `test-${requests}`,
    ...(idempotencyKey ? { idempotencyKey } : {}),
  }
}
