import { ok, type Result, refuse } from '#kernel/result.ts'
import { type Context, transact } from '#platform/database/index.ts'
import { layout } from './bank-file.ts'
import { fillBatch } from './store.ts'

/** Everything that may be paid today goes into one batch; of two makers at once each item goes into one batch only. */
export const makeBatch = (
  ctx: Context,
): Promise<Result<{ batchId: number; number: string; items: number; totalFen: number }>> =>
  transact(ctx, 'payments.make', async (tx) => {
    const batchId = await tx.ids.take()
    const number = `ZF${ctx.today.slice(0, 4)}-${tx.office}-${batchId}`
    const filled = await fillBatch(tx, ctx, { id: batchId, number, layout })
    return filled.items === 0 ? refuse({ code: 'nothing_to_pay' }) : ok({ batchId, number, ...filled })
  })
