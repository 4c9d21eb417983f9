// From typing `npm start` to the first page, cold (a new folder) and warm (an existing one), and the memory it then takes.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alternate, median, report } from './measure.ts'

type Way = 'typed' | 'ours' | 'bare'
const rounds = Number(process.env.BENCH_ROUNDS ?? 5)
const repository = join(import.meta.dirname, '..')

/** Starts a program, reads the address it prints, and waits for its first page; gives it back running. */
const firstPage = async (
  [program, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
): Promise<ChildProcess> => {
  const child = spawn(program, args, {
    cwd: repository,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true, // a group of its own, as a terminal gives to what is typed there
  })
  let said = ''
  const address = await new Promise<string>((done, fail) => {
    child.stdout?.on('data', (piece: Buffer) => {
      said += piece.toString()
      const found = /http:\/\/[\d.]+:\d+/.exec(said)?.[0]
      if (found) done(found)
    })
    child.once('exit', () => fail(new Error(`it ended before it listened: ${said}`)))
  })
  const page = await fetch(`${address}/`)
  await page.text()
  if (page.status !== 200) throw new Error(`the first page answered ${page.status}`)
  return child
}
/** Ctrl-C: the whole group hears it. */
const stop = async (child: ChildProcess): Promise<void> => {
  const ended = once(child, 'exit')
  process.kill(-(child.pid ?? 0), 'SIGINT')
  await ended
}
/** Resident megabytes of the Node process; null where the system does not tell. */
const megabytes = async (child: ChildProcess): Promise<number | null> => {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
  const kilobytes = /VmRSS:\s+(\d+)/.exec(status)?.[1]
  return kilobytes ? Number(kilobytes) / 1_024 : null
}

const scratch = await mkdtemp(join(tmpdir(), 'tz-startup-'))
try {
  const ours = (dir: string) => firstPage([process.execPath, 'scripts/start.mjs'], { TONGZHOU_DIR: dir, PORT: '0' })
  const typed = (dir: string) => firstPage(['npm', 'start'], { TONGZHOU_DIR: dir, PORT: '0' })
  const bare = (dir: string) => firstPage([process.execPath, '--import', 'tsx', 'bench/startup-bare.ts', dir], {})
  const cold: number[] = []
  for (let round = 0; round < Math.min(3, rounds); round += 1) {
    const started = performance.now()
    const child = await ours(join(scratch, `cold-${round}`))
    cold.push((performance.now() - started) / 1_000)
    await stop(child)
  }
  const memory: Record<Way, number[]> = { typed: [], ours: [], bare: [] }
  let running: ChildProcess | undefined
  const warm = (name: Way, start: (dir: string) => Promise<ChildProcess>) => async (): Promise<void> => {
    running = await start(join(scratch, 'cold-0'))
    const resident = await megabytes(running)
    if (resident) memory[name].push(resident)
  }
  // Stopping is not part of the time: it is done before the other's turn.
  const stopped = async (): Promise<void> => {
    if (running) await stop(running)
    running = undefined
  }
  const seconds: Record<Way, number[]> = { typed: [], ours: [], bare: [] }
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, start] of [
      ['typed', typed],
      ['ours', ours],
      ['bare', bare],
    ] as const) {
      const one = await alternate(1, { [name]: warm(name, start) })
      seconds[name].push(...(one[name] ?? []))
      await stopped()
    }
  }
  const mb = (name: Way): string => {
    const values = memory[name]
    return values.length > 0 ? `${Math.round(median(values))} MB` : 'not told by this system'
  }
  const text = await report(
    'startup',
    'From the command to the first page',
    [
      'Ours: `node scripts/start.mjs`, embedded PostgreSQL started, migrations compared, the application wired, the public page',
      'answered. Base: the same database started and one query answered by node:http, its TypeScript loaded by tsx, ours built.',
      `Cold, in a new folder (cluster made, migrated, demonstration put in): ${median(cold).toFixed(1)} s.`,
      `Warm: ${median(seconds.ours).toFixed(2)} s; typed as \`npm start\`: ${median(seconds.typed).toFixed(2)} s, ${Math.max(...seconds.typed).toFixed(2)} s at most (promised: under 3 s).`,
      `Memory of the Node process after the first page: ours ${mb('ours')}, base ${mb('bare')}.`,
    ],
    [
      {
        what: 'warm start to the first page',
        count: 1,
        unit: 'start',
        ours: seconds.ours,
        base: seconds.bare,
        baseIs: 'database and node:http',
      },
    ],
  )
  process.stdout.write(text)
} finally {
  await rm(scratch, { recursive: true, force: true })
}
