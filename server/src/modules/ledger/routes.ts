import { z } from 'zod'
import { BooksPeriod } from '#contract/ledger.ts'
import { may } from '#modules/network/index.ts'
import { read, sql } from '#platform/database/index.ts'
import type { App } from '#platform/http/http.ts'
import { booksText } from './books.ts'
import { fundStatement, trialBalance } from './store.ts'

export const ledgerRoutes = (app: App): void => {
  app.get(
    '/books/:period',
    {
      schema: {
        summary: '账：试算平衡表和各基金的收支',
        tags: ['财务'],
        params: z.object({ period: BooksPeriod }),
        querystring: z.object({ text: z.stringbool().default(false).meta({ description: '按文本表格返回' }) }),
      },
      preHandler: may('books.see'),
    },
    async (req, res) => {
      const { period } = req.params
      const books = await read(req.ctx, async (tx) => {
        const { rows } = await sql<{ name: string }>`select name from network.office where id = ${tx.office}`.execute(
          tx.q,
        )
        return {
          office: rows[0]?.name ?? '',
          period,
          trial: await trialBalance(tx, period),
          funds: await fundStatement(tx, period),
        }
      })
      return req.query.text ? res.type('text/plain; charset=utf-8').send(booksText(books)) : res.send(books)
    },
  )
}
