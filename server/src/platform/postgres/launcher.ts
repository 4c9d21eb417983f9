import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { chmod, link, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { type Connection, clientConfig } from '../database/index.ts'
import { type Environment, findBinaries } from './binaries.ts'
import { PostgresRefused } from './refused.ts'
import { makeRoles } from './roles.ts'
import { type RunAs, runAs } from './run-as.ts'

export interface Postgres {
  /** Where a role signs in; the folder of the socket belongs to us alone and there is no TCP. */
  connection(role: DatabaseRole, database?: string): Exclude<Connection, string>
  readonly version: string
  readonly pid: number
  /** Resolves when the database ends under us, killed or crashed; never when we leave it. */
  readonly lost: Promise<void>
  /** Leaves the database; the last one out stops it, so that a command line and a server can share it. */
  stop(): Promise<void>
}
export type DatabaseRole = 'postgres' | 'tongzhou_owner' | 'tongzhou_server'
type Secrets = Readonly<Record<DatabaseRole, string>>

/** Whoever uses the database holds this advisory lock shared; whoever stops it must get it alone. */
const presenceLock = 7_204_150
const socketPrefix = 'tz-'
const patience = 120_000

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? '')

/** One secret for each role, kept in a file that only we can read. Two first starts at once agree on the first one's. */
const secretsIn = async (dir: string, data: string): Promise<Secrets> => {
  const file = join(dir, 'secrets.json')
  if (!existsSync(file)) {
    if (existsSync(data))
      throw new PostgresRefused(
        `${file} 不见了，而数据还在：没有它就不能登录数据库。请把它从备份放回原处。` +
          ` ${file} is missing; put it back from a backup.`,
      )
    const secret = () => randomBytes(24).toString('hex')
    const secrets: Secrets = { postgres: secret(), tongzhou_owner: secret(), tongzhou_server: secret() }
    const mine = `${file}.${randomBytes(6).toString('hex')}`
    await writeFile(mine, JSON.stringify(secrets), { mode: 0o600, flush: true })
    await link(mine, file).catch((error) => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
    await rm(mine)
  }
  return JSON.parse(await readFile(file, 'utf8')) as Secrets
}

const versionOf = (program: string, as: RunAs): string => {
  const { program: what, args, user } = as.command(program, ['--version'])
  return /(\d+)/.exec(execFileSync(what, args, { encoding: 'utf8', cwd: '/', ...user }))?.[1] ?? ''
}

const run = (as: RunAs, program: string, args: readonly string[], cwd: string): Promise<void> =>
  new Promise((done, fail) => {
    const { program: what, args: how, user } = as.command(program, args)
    const env = { ...process.env, LC_ALL: 'C' }
    const child = spawn(what, how, { stdio: ['ignore', 'ignore', 'pipe'], cwd, env, ...user })
    let complaint = ''
    child.stderr.on('data', (chunk) => {
      complaint += chunk
    })
    child.on('error', fail)
    child.on('close', (code) => (code === 0 ? done() : fail(new Error(`${program} ended with ${code}: ${complaint}`))))
  })

/** Makes the data folder whole or not at all: it is made aside, and takes its name when it is done. */
const makeData = async (as: RunAs, folder: string, secrets: Secrets): Promise<void> => {
  const parent = dirname(as.data)
  const asidePrefix = `${basename(as.data)}.new-`
  if (!existsSync(as.data)) {
    const aside = await mkdtemp(join(parent, asidePrefix))
    const secretFile = join(aside, 'secret')
    await writeFile(secretFile, secrets.postgres, { mode: 0o600 })
    await as.give(aside)
    await as.give(secretFile)
    const made = join(aside, 'data')
    const options = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', '--username=postgres', '--data-checksums']
    try {
      await run(as, join(folder, 'initdb'), ['-D', made, ...options, `--pwfile=${secretFile}`], aside)
      await rename(made, as.data)
      const holder = await open(parent, 'r') // the new name outlives a power cut too
      await holder.sync()
      await holder.close()
    } catch (error) {
      // Another first start at the same moment was faster: its folder stands, ours is thrown away.
      if (!existsSync(join(as.data, 'PG_VERSION'))) throw error
    }
  }
  for (const name of await readdir(parent))
    if (name.startsWith(asidePrefix)) await rm(join(parent, name), { recursive: true, force: true })
}

const requireSameMajor = async (data: string, version: string): Promise<void> => {
  const has = (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim()
  if (has === version) return
  throw new PostgresRefused(
    `${data} 里的数据属于 PostgreSQL ${has}，这里的程序是 ${version}，不能直接打开；数据没有动过。请用原来的版本打开。` +
      ` The data are of PostgreSQL ${has}, the program is ${version}: they were left alone.`,
  )
}

/** What a running PostgreSQL itself writes into its data folder: its process and the folder of its socket. */
const postmasterOf = async (data: string): Promise<{ pid: number; socket: string } | undefined> => {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  const pid = Number(lines[0])
  return pid > 0 ? { pid, socket: lines[4] ?? '' } : undefined
}

/** After a restart of the machine or a container, an old number may belong to somebody else's process. */
const isPostgresOf = (pid: number, data: string): boolean => {
  if (!alive(pid)) return false
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data)
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(data)
  } catch {
    return true // not ours to look into: PostgreSQL decides
  }
}

/**
 * Signs in and stays, so that nobody stops the database under us. Waits while it starts, recovers or shuts down;
 * undefined where nobody listens.
 */
const enter = async (to: Connection, deadline: number): Promise<pg.Client | undefined> => {
  for (;;) {
    const client = new pg.Client({ ...clientConfig(to), connectionTimeoutMillis: 10_000 })
    client.on('error', () => {}) // a database that ends, ends this too; whoever asks next hears of it
    try {
      await client.connect()
      await client.query('select pg_advisory_lock_shared($1)', [presenceLock])
      ;(client as pg.Client & { unref(): void }).unref() // presence alone does not keep a process alive
      return client
    } catch (error) {
      await client.end().catch(() => {})
      if (['ENOENT', 'ECONNREFUSED', 'ENOTDIR'].includes(codeOf(error))) return undefined
      // 57P01..03: being shut down, crashed, or not yet ready; a closed connection is the same seen from outside.
      const passing = /^57P0[123]$|^ECONNRESET$|^EPIPE$|^$/.test(codeOf(error))
      if (!passing || Date.now() > deadline) throw error
      await pause(30)
    }
  }
}

/** The last one out stops the database: nobody else is present, and nobody comes in while we do it. */
const leave = async (presence: pg.Client, to: Connection, pid: number): Promise<void> => {
  // Its goodbye is waited for, and keeps the process alive until then: a command line has nothing else that would.
  ;(presence as pg.Client & { ref(): void }).ref()
  await presence.end().catch(() => {})
  const client = new pg.Client({ ...clientConfig(to), connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  try {
    await client.connect()
  } catch {
    return // it has stopped or died already
  }
  try {
    for (let look = 0; ; look += 1) {
      const { rows } = await client.query<{ others: number; alone: boolean }>(
        `select (select count(*)::int from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()) as others,
                pg_try_advisory_lock($1) as alone`,
        [presenceLock],
      )
      if (rows[0]?.others === 0 && rows[0].alone) break
      await client.query('select pg_advisory_unlock_all()')
      // A connection that was closed a moment ago may still be seen; one that stays belongs to somebody.
      if (look === 5) return
      await pause(50)
    }
    process.kill(pid, 'SIGINT')
    for (let i = 0; alive(pid) && i < 1_500; i += 1) await pause(20)
  } finally {
    await client.end().catch(() => {})
  }
}

/** PostgreSQL's own log, without row values; a long one is put aside once. */
const openLog = async (file: string): Promise<number> => {
  const bytes = await stat(file).then(
    (found) => found.size,
    () => 0,
  )
  if (bytes > 10_000_000) await rename(file, `${file}.old`)
  return openSync(file, 'a', 0o600)
}

interface Child {
  readonly pid: number
  readonly socket: string
  ended(): boolean
}

const spawnPostgres = async (
  as: RunAs,
  folder: string,
  settings: Readonly<Record<string, string>>,
  log: string,
): Promise<Child> => {
  // The path of a socket may have 107 bytes at most, so it does not live under a project folder of any depth.
  const socket = await mkdtemp(join(process.platform === 'darwin' ? '/tmp' : tmpdir(), socketPrefix))
  await chmod(socket, 0o700)
  await as.give(socket)
  const all: Record<string, string> = {
    listen_addresses: '',
    unix_socket_directories: socket,
    unix_socket_permissions: '0700',
    timezone: 'Asia/Shanghai',
    max_connections: '60',
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    // Room for what an enrolment of a hundred thousand logs faster than it is written out: a tenth of its time.
    wal_buffers: '64MB',
    jit: 'off',
    // Row values must not reach the log.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    ...settings,
  }
  const { program, args, user } = as.command(join(folder, 'postgres'), [
    '-D',
    as.data,
    ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ])
  const output = await openLog(log)
  // Its own process group: Ctrl-C in our terminal is ours to answer, and the database is stopped when we are done.
  const child = spawn(program, args, { detached: true, stdio: ['ignore', output, output], cwd: as.data, ...user })
  closeSync(output)
  child.unref()
  let ended = false
  child.once('exit', () => {
    ended = true
  })
  const pid = await new Promise<number>((done, fail) => {
    child.once('error', fail)
    child.once('spawn', () => done(child.pid ?? 0))
  })
  return { pid, socket, ended: () => ended }
}

/**
 * Starts the database under `dataDir`, or joins the one that is already running there. There is no lock file of ours that
 * a killed process could leave: PostgreSQL itself allows one server on a data folder, and says in postmaster.pid where it
 * is. Of two starters at once one wins and the other joins. Data are whole after any kill: PostgreSQL recovers by its log.
 */
export const startPostgres = async ({
  dataDir,
  binaries: named,
  settings = {},
  env = process.env,
}: {
  dataDir: string
  binaries?: string
  settings?: Readonly<Record<string, string>>
  env?: Environment
}): Promise<Postgres> => {
  const dir = resolve(dataDir)
  const binaries = findBinaries(named, env)
  if (!binaries)
    throw new PostgresRefused(
      `没有适合本机（${process.platform}-${process.arch}）的数据库程序。请安装 PostgreSQL 15 以上，或设置 DATABASE_URL 指向已有的服务器。` +
        ' No PostgreSQL for this machine: install one (15 or newer), or set DATABASE_URL.',
    )
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const as = await runAs(dir, binaries.folder, env)
  const log = join(dir, 'postgres.log')
  const secrets = await secretsIn(dir, as.data)
  await makeData(as, binaries.folder, secrets)
  const version = versionOf(join(binaries.folder, 'postgres'), as)
  await requireSameMajor(as.data, version)

  const at =
    (socket: string) =>
    (role: DatabaseRole, database = 'tongzhou') => ({
      host: socket,
      port: 5432,
      user: role,
      password: secrets[role],
      database,
    })
  const entered = (presence: pg.Client, pid: number, socket: string): Postgres => {
    const connection = at(socket)
    let left: Promise<void> | undefined
    const stop = (): Promise<void> => {
      left ??= leave(presence, connection('postgres', 'postgres'), pid).then(async () => {
        if (!alive(pid)) await rm(socket, { recursive: true, force: true })
      })
      return left
    }
    const lost = new Promise<void>((gone) => {
      presence.once('end', () => {
        if (!left) gone()
      })
    })
    return { connection, version, pid, lost, stop }
  }

  const deadline = Date.now() + patience
  while (Date.now() < deadline) {
    const there = await postmasterOf(as.data)
    if (there?.socket) {
      const presence = await enter(at(there.socket)('postgres', 'postgres'), deadline)
      if (presence) {
        const joined = entered(presence, there.pid, there.socket)
        await makeRoles(joined.connection('postgres', 'postgres'), secrets, 'tongzhou')
        return joined
      }
    }
    if (there && !isPostgresOf(there.pid, as.data)) {
      // What a killed server left. PostgreSQL would believe a number that now belongs to another process.
      if ((await postmasterOf(as.data))?.pid === there.pid) await rm(join(as.data, 'postmaster.pid'), { force: true })
      if (basename(there.socket).startsWith(socketPrefix)) await rm(there.socket, { recursive: true, force: true })
    }
    const child = await spawnPostgres(as, binaries.folder, settings, log)
    const connection = at(child.socket)
    while (!child.ended() && Date.now() < deadline) {
      const presence = await enter(connection('postgres', 'postgres'), deadline)
      if (presence) {
        const started = entered(presence, child.pid, child.socket)
        await makeRoles(connection('postgres', 'postgres'), secrets, 'tongzhou')
        return started
      }
      await pause(20)
    }
    await rm(child.socket, { recursive: true, force: true })
    // Somebody else has it: it is starting, or ending. Otherwise it will not start, and its log says why.
    const other = await postmasterOf(as.data)
    if (!other || !isPostgresOf(other.pid, as.data)) {
      const reason = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-3).join('\n  ')
      throw new PostgresRefused(
        `数据库没有启动成功，详情见 ${log}。The database did not start; its log ends with:\n  ${reason}`,
      )
    }
    await pause(100)
  }
  throw new PostgresRefused(
    `等了两分钟，数据库还没有准备好，请看 ${log}。The database was not ready within two minutes; see its log.`,
  )
}
