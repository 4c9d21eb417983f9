import { assert } from '#kernel/assert.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { stopped } from '#modules/network/index.ts'
import { type Context, read, transact } from '#platform/database/index.ts'
import { opensOf } from '#platform/vault/index.ts'
import { bankFile } from './bank-file.ts'
import { batchById, sentItems } from './store.ts'

/** A second person releases the batch to the bank; who made it cannot. From then on its file can be fetched. */
export const releaseBatch = (
  ctx: Context,
  input: { batchId: number },
): Promise<Result<{ items: number; totalFen: number }>> =>
  transact(
    ctx,
    'payments.release',
    async (tx) => {
      const batch = await batchById(tx, input.batchId)
      if (!batch) return refuse({ code: 'batch_not_found' })
      const halt = await stopped(tx, { what: 'payments' })
      if (halt) return refuse(halt)
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

/** The bank's file of a released batch; the same bytes each time. Who fetched it is kept: it names people and accounts. */
export const batchFile = async (
  ctx: Context,
  input: { batchId: number },
): Promise<Result<{ name: string; bytes: Buffer }>> => {
  const found = await read(ctx, async (tx) => {
    const batch = await batchById(tx, input.batchId)
    const halt = batch && (await stopped(tx, { what: 'payments' }))
    if (halt) return halt
    if (!batch) return null
    const items = await sentItems(tx, batch.id)
    const seals = await opensOf(
      ctx.services.vault,
      tx,
      items.map((item) => item.personId),
    )
    return { batch, items, seals }
  })
  if (!found) return refuse({ code: 'batch_not_found' })
  if ('code' in found) return refuse(found)
  if (!found.batch.releasedOn) return refuse({ code: 'batch_not_released' })
  const lines = []
  for (const [i, item] of found.items.entries()) {
    const [name, account] = [
      found.seals.open(item.personId, 'payee.name', item.payeeNameSealed),
      found.seals.open(item.personId, 'payee.account', item.accountSealed),
    ]
    assert(name !== null && account !== null, 'a key is not destroyed while money is on its way')
    lines.push({ reference: item.reference, name, account, branch: item.bankBranch, amountFen: item.amountFen })
    // A long list yields now and then, so that other requests are answered between.
    if (i % 500 === 499) await new Promise(setImmediate)
  }
  const noted = await transact(ctx, 'payments.fetch-file', async () => ok(true), { object: `batch:${input.batchId}` })
  return noted.ok ? ok({ name: `${found.batch.number}.csv`, bytes: bankFile(found.batch, lines) }) : noted
}
