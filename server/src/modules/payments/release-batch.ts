import { ok, type Result, refuse } from '#kernel/result.ts'
import { type Context, read, transact } from '#platform/database/index.ts'
import { bankFile } from './bank-file.ts'
import { batchesOf, sentItems } from './store.ts'

/** A second person releases the batch to the bank; who made it cannot. From then on its file can be fetched. */
export const releaseBatch = (
  ctx: Context,
  input: { batchId: number },
): Promise<Result<{ items: number; totalFen: number }>> =>
  transact(
    ctx,
    'payments.release',
    async (tx) => {
      const [batch] = await batchesOf(tx, input.batchId)
      if (!batch) return refuse({ code: 'batch_not_found' })
      if (batch.releasedOn) return refuse({ code: 'batch_already_released' })
      if (batch.madeBy === ctx.actor.id) return refuse({ code: 'releaser_made_it' })
      const added = await tx.q
        .insertInto('payments.release')
        .values({
          office_id: tx.office,
          batch_id: batch.id,
          made_by: batch.madeBy,
          released_by: ctx.actor.id,
          released_on: ctx.today,
        })
        .onConflict((same) => same.doNothing())
        .executeTakeFirst()
      return added.numInsertedOrUpdatedRows === 0n
        ? refuse({ code: 'batch_already_released' })
        : ok({ items: batch.items, totalFen: batch.totalFen })
    },
    { object: `batch:${input.batchId}` },
  )

/** The bank's file of a released batch; the same bytes each time it is fetched. */
export const batchFile = async (
  ctx: Context,
  input: { batchId: number },
): Promise<Result<{ name: string; bytes: Buffer }>> => {
  const found = await read(ctx, async (tx) => {
    const [batch] = await batchesOf(tx, input.batchId)
    return batch && { batch, items: await sentItems(tx, batch.id) }
  })
  if (!found) return refuse({ code: 'batch_not_found' })
  if (!found.batch.releasedOn) return refuse({ code: 'batch_not_released' })
  const { vault } = ctx.services
  const lines = found.items.map((item) => ({
    reference: item.reference,
    name: vault.open('payee.name', item.payeeNameSealed),
    account: vault.open('payee.account', item.accountSealed),
    branch: item.bankBranch,
    amountFen: item.amountFen,
  }))
  return ok({ name: `${found.batch.number}.csv`, bytes: bankFile(found.batch, lines) })
}
