import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, openSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { type Connection, clientConfig } from '../database/index.ts'
import { type Binaries, findBinaries } from './binaries.ts'

export interface Postgres {
  /** Where a role signs in; the folder of the socket belongs to us alone and there is no TCP. */
  connection(role: DatabaseRole, database?: string): Exclude<Connection, string>
  readonly version: string
  readonly pid: number
  /** Leaves the database; the last one out stops it, so that a command line and a server can share it. */
  stop(): Promise<void>
}
export type DatabaseRole = 'postgres' | 'tongzhou_owner' | 'tongzhou_server'

export class PostgresRefused extends Error {
  override readonly name = 'PostgresRefused'
}

interface Running {
  readonly pid: number
  readonly socket: string
}
type Secrets = Readonly<Record<DatabaseRole, string>>

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** As root PostgreSQL refuses to start, so it gets a user namespace in which we are nobody; nothing changes its owner. */
const asNobody = ['--user', '--map-user=65534', '--map-group=65534', '--']
let namespaces: boolean | undefined
const command = (program: string, args: readonly string[]): { program: string; args: string[]; uid?: number } => {
  if (process.getuid?.() !== 0) return { program, args: [...args] }
  if (namespaces === undefined) {
    try {
      execFileSync('unshare', [...asNobody, 'true'], { stdio: 'ignore' })
      namespaces = true
    } catch {
      namespaces = false
    }
  }
  if (namespaces) return { program: 'unshare', args: [...asNobody, program, ...args] }
  throw new PostgresRefused(
    'PostgreSQL 不能以 root 身份启动，本机又不允许用户命名空间（unshare）。请用普通用户运行，或设置 DATABASE_URL。' +
      ' PostgreSQL cannot start as root here: run as another user, or set DATABASE_URL.',
  )
}

const run = (program: string, args: readonly string[], input = ''): Promise<void> =>
  new Promise((done, fail) => {
    const { program: what, args: how } = command(program, args)
    const child = spawn(what, how, { stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, LC_ALL: 'C' } })
    let complaint = ''
    child.stderr.on('data', (chunk) => {
      complaint += chunk
    })
    child.on('error', fail)
    child.on('close', (code) => (code === 0 ? done() : fail(new Error(`${program} ended with ${code}: ${complaint}`))))
    child.stdin.end(input)
  })

/** One starter at a time; a lock whose holder has died is taken over. */
const withLock = async <T>(file: string, work: () => Promise<T>): Promise<T> => {
  const deadline = Date.now() + 60_000
  for (;;) {
    try {
      const handle = await open(file, 'wx', 0o600)
      await handle.writeFile(String(process.pid))
      await handle.close()
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const holder = Number(await readFile(file, 'utf8').catch(() => '0'))
      if (holder > 0 && !alive(holder)) await rm(file, { force: true })
      else if (Date.now() > deadline)
        throw new PostgresRefused(`另一个进程正在启动数据库，等了一分钟还没有完成（${file}）。`)
      await pause(50)
    }
  }
  try {
    return await work()
  } finally {
    await rm(file, { force: true })
  }
}

const secretsIn = async (dir: string): Promise<Secrets> => {
  const file = join(dir, 'secrets.json')
  if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8')) as Secrets
  const secret = () => randomBytes(24).toString('hex')
  const secrets: Secrets = { postgres: secret(), tongzhou_owner: secret(), tongzhou_server: secret() }
  await writeFile(`${file}.new`, JSON.stringify(secrets), { mode: 0o600 })
  await rename(`${file}.new`, file)
  return secrets
}

const majorOf = (binaries: Binaries): string => {
  const { program, args } = command(join(binaries.folder, 'postgres'), ['--version'])
  return /(\d+)/.exec(execFileSync(program, args, { encoding: 'utf8' }))?.[1] ?? ''
}

const makeCluster = async (dir: string, binaries: Binaries, secrets: Secrets): Promise<void> => {
  const cluster = join(dir, 'data')
  const version = join(cluster, 'PG_VERSION')
  if (existsSync(version)) {
    const [has, ours] = [readFileSync(version, 'utf8').trim(), majorOf(binaries)]
    if (has === ours) return
    throw new PostgresRefused(
      `${dir} 里的数据属于 PostgreSQL ${has}，这里的程序是 ${ours}，不能直接打开。请用原来的版本备份后再恢复。` +
        ` The data are of PostgreSQL ${has}, the program is ${ours}.`,
    )
  }
  // A start that was killed half-way leaves only this folder, which the next one throws away.
  const half = join(dir, 'data.new')
  await rm(half, { recursive: true, force: true })
  const secretFile = join(dir, 'secret.new')
  await writeFile(secretFile, secrets.postgres, { mode: 0o600 })
  const options = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', '--username=postgres', '--data-checksums']
  await run(join(binaries.folder, 'initdb'), ['-D', half, ...options, `--pwfile=${secretFile}`])
  await rm(secretFile)
  await rename(half, cluster)
}

/** Roles and rights that migrations stand on; idempotent, so a start that died here is simply repeated. */
export const makeRoles = async (
  superuser: Connection,
  secrets: Omit<Secrets, 'postgres'>,
  database: string,
): Promise<void> => {
  const client = new pg.Client(clientConfig(superuser))
  await client.connect()
  try {
    const { rows } = await client.query<{ rolname: string }>(
      `select rolname from pg_roles where rolname like 'tongzhou%'`,
    )
    const known = new Set(rows.map((row) => row.rolname))
    const role = async (name: string, rights: string, secret?: string) => {
      if (!known.has(name)) await client.query(`create role ${name} ${rights}`)
      if (secret) await client.query(`alter role ${name} password '${secret.replaceAll("'", "''")}'`)
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

const canConnect = async (to: Connection): Promise<boolean> => {
  const client = new pg.Client({ ...clientConfig(to), connectionTimeoutMillis: 5_000 })
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

/** Waits for a database that is coming up, or recovering from a crash; gives up when its process ends. */
const untilReady = async (to: Connection, pid: number, log: string): Promise<void> => {
  const deadline = Date.now() + 120_000
  while (!(await canConnect(to))) {
    if (!alive(pid))
      throw new PostgresRefused(`数据库没有启动成功，原因见 ${log}。The database did not start; see its log.`)
    if (Date.now() > deadline) throw new PostgresRefused(`等了两分钟，数据库还没有准备好，请看 ${log}。`)
    await pause(30)
  }
}

/**
 * Starts the database under `dataDir`, or joins the one that is already running there. Data are whole after any kill:
 * PostgreSQL recovers by its log, and files that a dead process left are recognised as such.
 */
export const startPostgres = async ({
  dataDir,
  binaries: folder,
  settings = {},
}: {
  dataDir: string
  binaries?: string
  settings?: Readonly<Record<string, string>>
}): Promise<Postgres> => {
  const dir = resolve(dataDir)
  const binaries = findBinaries(folder)
  if (!binaries)
    throw new PostgresRefused(
      `没有适合本机（${process.platform}-${process.arch}）的数据库程序。请安装 PostgreSQL 15 以上，或设置 DATABASE_URL 指向已有的服务器。` +
        ' No PostgreSQL for this machine: install one (15 or newer), or set DATABASE_URL.',
    )
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const log = join(dir, 'postgres.log')

  return withLock(join(dir, 'starting.lock'), async () => {
    const secrets = await secretsIn(dir)
    await makeCluster(dir, binaries, secrets)
    const runningFile = join(dir, 'running.json')
    const at =
      (socket: string) =>
      (role: DatabaseRole, database = 'tongzhou') => ({
        host: socket,
        port: 5432,
        user: role,
        password: secrets[role],
        database,
      })

    let running = await readFile(runningFile, 'utf8').then(
      (text) => JSON.parse(text) as Running,
      () => undefined,
    )
    const postmasterPid = Number(
      (await readFile(join(dir, 'data', 'postmaster.pid'), 'utf8').catch(() => '0')).split('\n')[0],
    )
    if (!running || running.pid !== postmasterPid || !alive(running.pid) || !existsSync(running.socket)) {
      running = await start(dir, binaries, settings, log)
      await writeFile(runningFile, JSON.stringify(running), { mode: 0o600 })
    }
    const { pid, socket } = running
    const connection = at(socket)
    await untilReady(connection('postgres', 'postgres'), pid, log)
    await makeRoles(connection('postgres', 'postgres'), secrets, 'tongzhou')

    const stop = async (): Promise<void> => {
      await withLock(join(dir, 'starting.lock'), async () => {
        if (!alive(pid)) return
        const client = new pg.Client(clientConfig(connection('postgres', 'postgres')))
        await client.connect()
        const { rows } = await client.query<{ others: number }>(
          `select count(*)::int as others from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
        )
        await client.end()
        if ((rows[0]?.others ?? 0) > 0) return
        process.kill(pid, 'SIGINT')
        for (let i = 0; alive(pid) && i < 1_000; i += 1) await pause(20)
        await rm(runningFile, { force: true })
        await rm(socket, { recursive: true, force: true })
      })
    }
    return { connection, version: majorOf(binaries), pid, stop }
  })
}

const start = async (
  dir: string,
  binaries: Binaries,
  settings: Readonly<Record<string, string>>,
  log: string,
): Promise<Running> => {
  // The path of a socket may have 107 bytes at most, so it does not live under a project folder of any depth.
  const socket = await mkdtemp(join(process.platform === 'darwin' ? '/tmp' : tmpdir(), 'tz-'))
  await chmod(socket, 0o700)
  const all: Record<string, string> = {
    listen_addresses: '',
    unix_socket_directories: socket,
    unix_socket_permissions: '0700',
    timezone: 'Asia/Shanghai',
    max_connections: '60',
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    jit: 'off',
    // Row values must not reach the log.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    ...settings,
  }
  const { program, args } = command(join(binaries.folder, 'postgres'), [
    '-D',
    join(dir, 'data'),
    ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ])
  const output = openSync(log, 'a', 0o600)
  // Its own process group: Ctrl-C in our terminal is ours to answer, and the database is stopped when we are done.
  const child: ChildProcess = spawn(program, args, { detached: true, stdio: ['ignore', output, output], cwd: dir })
  child.unref()
  const pid = await new Promise<number>((done, fail) => {
    child.once('error', fail)
    child.once('spawn', () => done(child.pid ?? 0))
  })
  return { pid, socket }
}
