import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Postgres, startPostgres } from './launcher.ts'

export interface Throwaway extends Postgres {
  readonly dir: string
  /** Ends the database at once and removes every trace of it. */
  destroy(): Promise<void>
}

/** When we end, however we end, its input closes: then the database and its folders go. */
const undertaker = `cat > /dev/null
pid=$(sed -n 1p "$0/data/postmaster.pid" 2>/dev/null)
socket=$(sed -n 5p "$0/data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ]; then
  kill -QUIT "$pid" 2>/dev/null
  for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
fi
case "$socket" in */tz-*) rm -rf "$socket";; esac
rm -rf "$0"`

/**
 * A database for a test, a benchmark or a look at the catalogue, in a fresh folder. It cannot outlive this process: not
 * after Ctrl-C, and not after kill -9. `fsync: 'off'` may be set, because nobody misses what a power cut takes from it.
 */
export const startThrowaway = async ({
  binaries,
  settings = {},
}: {
  binaries?: string | undefined
  settings?: Readonly<Record<string, string>>
} = {}): Promise<Throwaway> => {
  const dir = await mkdtemp(join(tmpdir(), 'tz-throwaway-'))
  const guard: ChildProcess = spawn('/bin/sh', ['-c', undertaker, dir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  })
  guard.unref()
  const ended = once(guard, 'exit')
  const destroy = async (): Promise<void> => {
    guard.stdin?.end()
    guard.ref()
    await ended
  }
  try {
    const postgres = await startPostgres({ dataDir: dir, settings, ...(binaries ? { binaries } : {}) })
    return { ...postgres, dir, destroy }
  } catch (error) {
    await destroy()
    throw error
  }
}
