import type pg from 'pg'
import { assert } from '#kernel/assert.ts'

const blockSize = 1_000

/** Whole-number ids, handed out in blocks from one row and counted in the process; never taken from the clock. */
export interface Ids {
  /** The first of `count` consecutive new ids. */
  take(count?: number): Promise<number>
}

/** `pool` must be one that no transaction of ours holds while it waits for an id. */
export const idsFrom = (pool: pg.Pool): Ids => {
  let next = 0
  let end = 0
  let refill: Promise<void> | null = null

  const takeBlock = async (count: number): Promise<number> => {
    const { rows } = await pool.query<{ first: number }>('select platform.take_ids($1) as first', [count])
    const first = rows[0]?.first
    assert(first !== undefined, 'the id row is missing')
    return first
  }

  const take = async (count = 1): Promise<number> => {
    if (count > blockSize) return takeBlock(count)
    while (next + count > end) {
      refill ??= takeBlock(blockSize)
        .then((first) => {
          next = first
          end = first + blockSize
        })
        .finally(() => {
          refill = null
        })
      await refill
    }
    const first = next
    next += count
    return first
  }
  return { take }
}
