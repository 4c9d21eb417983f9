import type { Database } from '../database/index.ts'
import type { App } from '../http/http.ts'

/** The newest head of the sealed log, for anybody: whoever keeps it can later prove a rewritten history. */
export const evidenceRoutes = (app: App, { db }: { db: Database }): void => {
  app.get(
    '/evidence/head',
    { config: { open: true }, schema: { summary: '封存记录的最新根值（任何人都可抄存，日后核对）', tags: ['存证'] } },
    async (_, res) => {
      const { rows } = await db.reading.query<{ size: number; root: Buffer; sealed_at: Date }>(
        'select * from evidence.newest_head()',
      )
      const head = rows[0]
      return res.header('cache-control', 'no-store').send({
        size: head?.size ?? 0,
        root: head ? head.root.toString('hex') : null,
        sealedAt: head ? head.sealed_at.toISOString() : null,
      })
    },
  )
}
