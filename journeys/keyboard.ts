import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { assert } from '#kernel/assert.ts'

// Real processes, as a person has them: a server in one window, a shell in the other, an installation of their own.

export const repository = fileURLToPath(new URL('..', import.meta.url))

export interface Said {
  readonly code: number | null
  readonly out: string
  readonly err: string
}
export interface Server {
  readonly address: string
  readonly child: ChildProcess
  readonly said: () => string
  /** how long until it answered, in ms */
  readonly startedIn: number
  end(signal: NodeJS.Signals): Promise<number | null>
}
export interface Keyboard {
  readonly dir: string
  /** a line of shell, in the installation's folder; `tongzhou` is the real command line */
  type(line: string, input?: string): Promise<Said>
  start(env?: Record<string, string>): Promise<Server>
  /** the process of the database that the installation started, or undefined */
  database(): Promise<number | undefined>
  leave(): Promise<void>
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
export const untilGone = async (pid: number): Promise<void> => {
  for (let i = 0; alive(pid) && i < 500; i += 1) await pause(20)
}

/** A folder with nothing in it but the guides' files, a shell there, and the two commands. */
export const sitDown = async (env: Record<string, string> = {}): Promise<Keyboard> => {
  const dir = await mkdtemp(join(tmpdir(), 'tz-walk-'))
  await mkdir(join(dir, 'var'), { mode: 0o700 })
  for (const each of ['docs', 'plans']) await symlink(join(repository, each), join(dir, each))
  const { TONGZHOU_TODAY: _, DATABASE_URL: __, ...ours } = process.env
  const around = { ...ours, TONGZHOU_DIR: 'var', PORT: '0', ...env }
  const children = new Set<ChildProcess>()

  const type = async (line: string, input?: string): Promise<Said> => {
    const command = `tongzhou() { '${process.execPath}' '${repository}cli/tongzhou.mjs' "$@"; }\n${line}`
    const child = spawn('bash', ['-c', command], { cwd: dir, env: around, stdio: ['pipe', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    child.stderr.on('data', (chunk) => {
      err += chunk
    })
    child.stdin.on('error', () => {}) // whoever does not read it need not
    child.stdin.end(input ?? '')
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, out, err }
  }

  const database = async (): Promise<number | undefined> => {
    const card = await readFile(join(dir, 'var/pg/data/postmaster.pid'), 'utf8').catch(() => '')
    const pid = Number(card.split('\n')[0])
    return pid > 0 && alive(pid) ? pid : undefined
  }

  return {
    dir,
    type,
    database,
    start: async (more = {}) => {
      const began = Date.now()
      const child = spawn(process.execPath, [`${repository}scripts/start.mjs`], {
        cwd: dir,
        env: { ...around, ...more },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      children.add(child)
      let said = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => {
          said += chunk
        })
      const ended = once(child, 'exit') as Promise<[number | null]>
      let address = ''
      for (let i = 0; !address && child.exitCode === null && i < 3_000; i += 1) {
        address = /is running: (\S+)/.exec(said)?.[1] ?? ''
        if (!address) await pause(20)
      }
      assert(address, `the server did not start: ${said}`)
      const page = await fetch(address)
      assert(page.ok, 'the first page is there')
      await page.text()
      return {
        address,
        child,
        said: () => said,
        startedIn: Date.now() - began,
        end: async (signal) => {
          child.kill(signal)
          const [code] = await ended
          children.delete(child)
          return code
        },
      }
    },
    leave: async () => {
      for (const child of children) child.kill('SIGKILL')
      const pid = await database()
      if (pid) {
        process.kill(pid, 'SIGINT')
        await untilGone(pid)
      }
      await rm(dir, { recursive: true, force: true })
    },
  }
}
