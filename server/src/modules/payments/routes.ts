import { z } from 'zod'
import { Id, pageOf } from '#contract/network.ts'
import { DueStates, MendAccount } from '#contract/payments.ts'
import { ok, refuse } from '#kernel/result.ts'
import { may } from '#modules/network/index.ts'
import { type Context, read, type Tx } from '#platform/database/index.ts'
import { type App, reply } from '#platform/http/http.ts'
import { upload } from '#platform/http/upload.ts'
import { maskAccount, maskName, opensOf } from '#platform/vault/index.ts'
import { makeBatch } from './make-batch.ts'
import { mendAccount } from './mend-account.ts'
import { readAnswer } from './read-answer.ts'
import { batchFile, releaseBatch } from './release-batch.ts'
import { batchById, batchesOf, duesInState, sentItems } from './store.ts'

const tags = ['互助金支付']
const OfBatch = z.object({ batchId: Id })

/** Rows as an officer sees them: the payee masked, who it is left out. */
const masked = async <R extends { personId: number; payeeNameSealed: Buffer; accountSealed: Buffer }>(
  tx: Tx,
  ctx: Context,
  rows: readonly R[],
) => {
  const seals = await opensOf(
    ctx.services.vault,
    tx,
    rows.map((row) => row.personId),
  )
  return rows.map(({ payeeNameSealed, accountSealed, personId, ...row }) => ({
    ...row,
    name: maskName(seals.open(personId, 'payee.name', payeeNameSealed) ?? ''),
    account: maskAccount(seals.open(personId, 'payee.account', accountSealed) ?? ''),
  }))
}

export const paymentRoutes = (app: App): void => {
  app.post(
    '/payment-batches',
    { schema: { summary: '制单：把今天可以付的放进一个批次', tags }, preHandler: may('payments.make') },
    async (req, res) => reply(res, await makeBatch(req.ctx), 201),
  )
  app.get(
    '/payment-batches',
    { schema: { summary: '支付批次，新的在前', tags, querystring: pageOf(200) }, preHandler: may('payments.see') },
    async (req, res) => res.send(await read(req.ctx, (tx) => batchesOf(tx, req.query))),
  )
  app.get(
    '/payment-batches/:batchId',
    { schema: { summary: '一个批次的明细（脱敏）', tags, params: OfBatch }, preHandler: may('payments.see') },
    async (req, res) => {
      const found = await read(req.ctx, async (tx) => {
        const batch = await batchById(tx, req.params.batchId)
        if (!batch) return null
        const items = await sentItems(tx, batch.id)
        return { batch, items: await masked(tx, req.ctx, items) }
      })
      if (!found) return reply(res, refuse({ code: 'batch_not_found' }))
      return reply(res, ok({ ...found.batch, lines: found.items }))
    },
  )
  app.post(
    '/payment-batches/:batchId/release',
    { schema: { summary: '放行（制单人不能放行）', tags, params: OfBatch }, preHandler: may('payments.release') },
    async (req, res) => reply(res, await releaseBatch(req.ctx, req.params), 201),
  )
  app.get(
    '/payment-batches/:batchId/file',
    { schema: { summary: '下载银行代发文件（GB18030）', tags, params: OfBatch }, preHandler: may('payments.release') },
    async (req, res) => {
      const file = await batchFile(req.ctx, req.params)
      if (!file.ok) return reply(res, file)
      return res
        .type('text/csv; charset=gb18030')
        .header(
          'content-disposition',
          `attachment; filename="batch-${req.params.batchId}.csv"; filename*=UTF-8''${encodeURIComponent(file.value.name)}`,
        )
        .send(file.value.bytes)
    },
  )
  app.post(
    '/payment-batches/:batchId/answers',
    {
      schema: {
        summary: '读入银行回单',
        description: 'multipart：file',
        tags,
        params: OfBatch,
        consumes: ['multipart/form-data'],
      },
      preHandler: may('payments.answer'),
    },
    async (req, res) => {
      const form = await upload(req, z.object({}))
      if (!form.ok) return reply(res, form)
      return reply(res, await readAnswer(req.ctx, { ...req.params, file: form.value.file }), 201)
    },
  )
  app.get(
    '/payment-dues',
    {
      schema: {
        summary: '应付款：公示中、可以支付、已送银行、被退回、已付（脱敏）',
        tags,
        querystring: z.object({
          state: DueStates.optional(),
          after: z.coerce.number().int().min(0).default(0),
          limit: z.coerce.number().int().min(1).max(500).default(200),
        }),
      },
      preHandler: may('payments.see'),
    },
    async (req, res) => {
      const { state = null, after, limit } = req.query
      return res.send(
        await read(req.ctx, async (tx) =>
          masked(tx, req.ctx, await duesInState(tx, { on: req.ctx.today, state, after, limit })),
        ),
      )
    },
  )
  app.post(
    '/payment-dues/:dueId/account',
    {
      schema: { summary: '更正被退回的收款账户', tags, params: z.object({ dueId: Id }), body: MendAccount },
      preHandler: may('payments.make'),
    },
    async (req, res) => reply(res, await mendAccount(req.ctx, { ...req.params, ...req.body }), 201),
  )
}
