import { z } from 'zod'
import { Allocate, StatementFields } from '#contract/contributions.ts'
import { pageOf } from '#contract/network.ts'
import { ok } from '#kernel/result.ts'
import { may } from '#modules/network/index.ts'
import { read } from '#platform/database/index.ts'
import { type App, reply, sentence } from '#platform/http/http.ts'
import { upload } from '#platform/http/upload.ts'
import { allocate } from './allocate.ts'
import { readStatement } from './read-statement.ts'
import { noticesInReach, receiptsOf } from './store.ts'

const tags = ['互助费收缴']

export const contributionRoutes = (app: App): void => {
  app.get(
    '/payment-notices',
    {
      schema: { summary: '缴费通知单：应缴、已缴，新的在前', tags, querystring: pageOf(500) },
      preHandler: may('rosters.see', 'notices.see', 'contributions.see'),
    },
    async (req, res) => res.send(await read(req.ctx, (tx) => noticesInReach(tx, req.ctx, req.query))),
  )
  app.post(
    '/statements',
    {
      schema: {
        summary: '读入银行对账单',
        description: 'multipart：file、account',
        tags,
        consumes: ['multipart/form-data'],
      },
      preHandler: may('contributions.book'),
    },
    async (req, res) => {
      const form = await upload(req, StatementFields)
      if (!form.ok) return reply(res, form)
      const read = await readStatement(req.ctx, { account: form.value.fields.account, file: form.value.file })
      if (!read.ok) return reply(res, read)
      const notAllocated = read.value.notAllocated.map(({ noticeNumber, refused }) => ({
        noticeNumber,
        ...refused,
        message: sentence(refused).zh,
      }))
      return reply(res, ok({ ...read.value, notAllocated }), 201)
    },
  )
  app.get(
    '/receipts',
    {
      schema: {
        summary: '到账，及其中未分配的金额，新的在前',
        tags,
        querystring: pageOf(500).extend({ unallocated: z.stringbool().default(false) }),
      },
      preHandler: may('contributions.see'),
    },
    async (req, res) => res.send(await read(req.ctx, (tx) => receiptsOf(tx, req.query.unallocated, req.query))),
  )
  app.post(
    '/allocations',
    {
      schema: { summary: '把到账分配给缴费通知单；缴清即生效', tags, body: Allocate },
      preHandler: may('contributions.book'),
    },
    async (req, res) => reply(res, await allocate(req.ctx, req.body), 201),
  )
}
