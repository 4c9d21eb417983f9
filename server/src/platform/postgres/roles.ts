import pg from 'pg'
import { type Connection, clientConfig } from '../database/index.ts'
import { PostgresRefused } from './refused.ts'

/** Any number, but always the same one: two that make the roles stand in line on it. */
const rolesLock = 7_204_152

/** Roles and rights that migrations stand on; idempotent, so a start that died here is simply repeated. */
export const makeRoles = async (
  superuser: Connection,
  secrets: { readonly tongzhou_owner: string; readonly tongzhou_server: string },
  database: string,
): Promise<void> => {
  const client = new pg.Client(clientConfig(superuser))
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [rolesLock])
    const { rows } = await client.query<{ rolname: string }>(
      `select rolname from pg_roles where rolname like 'tongzhou%'`,
    )
    const known = new Set(rows.map((row) => row.rolname))
    const role = async (name: string, rights: string, secret?: string) => {
      if (!known.has(name)) await client.query(`create role ${name} ${rights}`)
      if (secret) await client.query(`alter role ${name} password ${client.escapeLiteral(secret)}`)
    }
    await role('tongzhou_owner', 'login', secrets.tongzhou_owner)
    await role('tongzhou_server', 'login noinherit', secrets.tongzhou_server)
    await role('tongzhou_app', 'nologin')
    await role('tongzhou_ledger', 'nologin')
    await client.query('grant tongzhou_app to tongzhou_server')
    await client.query('grant tongzhou_ledger to tongzhou_owner')
    const { rows: found } = await client.query('select from pg_database where datname = $1', [database])
    if (found.length === 0) await client.query(`create database ${database} owner tongzhou_owner`)
    await client.query(`revoke all on database ${database} from public`)
    await client.query(`grant connect on database ${database} to tongzhou_server`)
  } finally {
    await client.end()
  }
}

/** An own server must have the roles before the first migration; says in words which are missing. */
export const requireRoles = async (to: Connection): Promise<void> => {
  const client = new pg.Client({ ...clientConfig(to), connectionTimeoutMillis: 15_000 })
  try {
    await client.connect()
    const { rows } = await client.query<{ missing: string[]; version: number }>(
      `select array(select wanted from unnest(array['tongzhou_owner', 'tongzhou_server', 'tongzhou_app', 'tongzhou_ledger']) wanted
                     where not exists (select from pg_roles where rolname = wanted)) as missing,
              current_setting('server_version_num')::int / 10000 as version`,
    )
    const { missing = [], version = 0 } = rows[0] ?? {}
    if (version < 15)
      throw new PostgresRefused(`服务器是 PostgreSQL ${version}，需要 15 以上。PostgreSQL 15 or newer is needed.`)
    if (missing.length > 0)
      throw new PostgresRefused(
        `数据库服务器上还没有角色 ${missing.join('、')}：请数据库管理员先按 docs/guides/own-server.zh-CN.md 建立。` +
          ` Roles are missing on the server: ${missing.join(', ')}; see docs/guides/own-server.zh-CN.md.`,
      )
  } catch (error) {
    if (error instanceof PostgresRefused) throw error
    const reason = (error as Error).message || (error as { code?: string }).code
    throw new PostgresRefused(
      `连接不上 DATABASE_URL 所指的数据库（${reason}）：请检查地址、用户名和密码，以及服务器是否在运行。` +
        ' The server named by DATABASE_URL cannot be reached.',
    )
  } finally {
    await client.end().catch(() => {})
  }
}
