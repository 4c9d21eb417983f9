import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '../database/index.ts'
import type { Frontier, Hash } from './merkle.ts'
import { log } from './sha256.ts'

/** A row in the log: which table's, whose, and the hash of its text when it was written. */
export interface Leaf {
  readonly source: string
  readonly office_id: number
  readonly id: number
  readonly part: number
  readonly leaf: Hash
}

/** One head at least for so many leaves: what was rewritten together with its leaf is found to within one head. */
export const leavesOfHead = 1_000
const leavesAtOnce = 50_000

/** The order of the leaves between two heads; a leaf moved to another place stands against it. */
export const inLogOrder = (a: Omit<Leaf, 'leaf'>, b: Omit<Leaf, 'leaf'>): number =>
  a.source === b.source ? a.office_id - b.office_id || a.id - b.id || a.part - b.part : a.source < b.source ? -1 : 1

interface Head {
  readonly size: number
  readonly after: number
  readonly root: Hash
  readonly batch: Hash
}

/** The heads that a batch of leaves in log order adds to a log, and where the log then ends. */
export const headsFor = (start: Frontier, leaves: readonly Hash[]): { heads: Head[]; end: Frontier } => {
  const heads: Head[] = []
  let end = start
  for (let from = 0; from < leaves.length; from += leavesOfHead) {
    const some = leaves.slice(from, from + leavesOfHead)
    const after = end.size
    end = log.append(end, some)
    heads.push({ size: end.size, after, root: log.rootOf(end), batch: log.root(some) })
  }
  return { heads, end }
}

/** Puts what was committed since the last time in order, and makes a head of it. Gives how many leaves it sealed. */
const sealOnce = async (db: Database, at: Date): Promise<number> => {
  const client = await db.pool.connect()
  let lost: Error | undefined
  const onLost = (error: Error): void => {
    lost = error
  }
  client.on('error', onLost)
  try {
    await client.query('begin')
    const { rows: ends } = await client.query<Frontier>('select * from evidence.open_log()')
    const start = ends[0]
    // Another sealer has the log: it will take what is there.
    const { rows } = start
      ? await client.query<Leaf>('select * from evidence.take_unsealed($1)', [leavesAtOnce])
      : { rows: [] }
    if (start && rows.length > 0) {
      const leaves = [...rows].sort(inLogOrder)
      const { heads, end } = headsFor(
        start,
        leaves.map(({ leaf }) => leaf),
      )
      await client.query('select evidence.add_to_log($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)', [
        start.size + 1,
        leaves.map(({ office_id }) => office_id),
        leaves.map(({ source }) => source),
        leaves.map(({ id }) => id),
        leaves.map(({ part }) => part),
        leaves.map(({ leaf }) => leaf),
        heads.map(({ size }) => size),
        heads.map(({ after }) => after),
        heads.map(({ root }) => root),
        heads.map(({ batch }) => batch),
        at,
        end.peaks,
      ])
    }
    await client.query('commit')
    return rows.length
  } catch (error) {
    await client.query('rollback').catch(onLost)
    throw error
  } finally {
    client.off('error', onLost)
    if (lost) client.on('error', () => {})
    client.release(lost)
  }
}

/**
 * Seals in the background. It waits for nobody and nobody waits for it: writers only add rows that it takes after they
 * were committed, so a transaction that commits late is sealed late, and never skipped. Several servers may each run one.
 */
export const sealer = ({ db, clock }: { db: Database; clock: () => Date }) => {
  /** Everything committed by now; tells how many leaves were sealed. */
  const drain = async (): Promise<number> => {
    let sealed = 0
    for (;;) {
      const some = await sealOnce(db, clock())
      sealed += some
      if (some < leavesAtOnce) return sealed
    }
  }
  let end = new AbortController()
  let loop = Promise.resolve()
  return {
    drain,
    start: (everyMs = 2_000): void => {
      end = new AbortController()
      loop = (async () => {
        while (!end.signal.aborted) {
          // A database that is away for a moment is asked again; what is unsealed is safe in it.
          await drain().catch(() => {})
          await pause(everyMs, undefined, { signal: end.signal }).catch(() => {})
        }
      })()
    },
    /** What was committed until now is sealed before it stops. */
    stop: async (): Promise<void> => {
      end.abort()
      await loop
      await drain().catch(() => {})
    },
  }
}
