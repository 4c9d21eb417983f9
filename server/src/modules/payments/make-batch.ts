import { ok, type Result, refuse } from '#kernel/result.ts'
import { stopped } from '#modules/network/index.ts'
import { type Context, transact } from '#platform/database/index.ts'
import { layout } from './bank-file.ts'
import { fillBatch, nextBatchNumber, oneAtATime } from './store.ts'

export interface MadeBatch {
  readonly batchId: number
  readonly number: string
  readonly items: number
  readonly totalFen: number
}

/**
 * Everything that may be paid today goes into one batch; of two makers at once each item goes into one batch only. Batches
 * are numbered by office and year without gaps. Refused: nothing_to_pay.
 */
export const makeBatch = (ctx: Context): Promise<Result<MadeBatch>> =>
  transact(ctx, 'payments.make', async (tx) => {
    const halt = await stopped(tx, { what: 'payments' })
    if (halt) return refuse(halt)
    await oneAtATime(tx)
    const batch = { id: await tx.ids.take(), number: await nextBatchNumber(tx, ctx.today), layout }
    const filled = await fillBatch(tx, ctx, batch)
    return filled.items === 0
      ? refuse({ code: 'nothing_to_pay' })
      : ok({ batchId: batch.id, number: batch.number, ...filled })
  })
