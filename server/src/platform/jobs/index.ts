import { setTimeout as pause } from 'node:timers/promises'
import type { RawBuilder } from 'kysely'
import { civilDayAt } from '#kernel/days.ts'
import { ok } from '#kernel/result.ts'
import { type Context, type Database, sql, type Tx, transact } from '../database/index.ts'
import type { Services } from '../services.ts'
import { kindOf, type Traces } from '../traces/index.ts'

export interface Announced {
  readonly kind: string
  readonly payload: unknown
  readonly at: Date
  readonly office?: number
}

const insertJob = async (tx: Tx, job: Announced, source: RawBuilder<unknown>) => sql`
    insert into platform.job (office_id, id, kind, payload, from_office_id, due_at)
    select ${job.office ?? tx.office}, ${await tx.ids.take()}, ${job.kind}, ${JSON.stringify(job.payload)}::jsonb, ${tx.office}, ${job.at}::timestamptz ${source}`

/** A reaction that follows its cause: written with it or not at all, delivered at least once, handled once. */
export const announce = async (tx: Tx, job: Announced): Promise<void> => {
  await (await insertJob(tx, job, sql``)).execute(tx.q)
}

/** The same as a part of the deciding statement, for each row of `decided`. */
export const announcing = async (tx: Tx, job: Announced): Promise<RawBuilder<unknown>> =>
  sql`announced as (${await insertJob(tx, job, sql`from decided`)})`

/** Does the work of one job inside the transaction that also removes it. */
export type Handler = (ctx: Context, tx: Tx, payload: unknown) => Promise<void>

const leaseMs = 60_000
const backoffMs = (attempts: number): number => Math.min(1_000 * 2 ** attempts, 3_600_000)

interface Leased {
  readonly id: number
  readonly kind: string
  readonly payload: unknown
  readonly attempts: number
}

/** Delivers jobs, office by office, each in that office's own context. Several workers may run at once. */
export const jobWorker = ({
  db,
  services,
  clock,
  handlers,
  traces,
}: {
  db: Database
  services: Services
  clock: () => Date
  handlers: Readonly<Record<string, Handler>>
  traces?: Traces
}) => {
  const contextOf = (office: number): Context => {
    const at = clock()
    return {
      db,
      services,
      office,
      actor: { kind: 'system', id: 0, name: '系统', role: 'system', place: null },
      today: civilDayAt(at),
      at,
      requestId: `job-${at.getTime()}`,
    }
  }

  const lease = async (ctx: Context): Promise<Leased[]> => {
    const taken = await transact(
      ctx,
      'platform.lease-jobs',
      async (tx) => {
        const { rows } = await sql<Leased>`
        update platform.job set leased_until = ${new Date(ctx.at.getTime() + leaseMs)}, attempts = attempts + 1
         where office_id = ${tx.office} and id in (
           select id from platform.job
            where office_id = ${tx.office} and due_at <= ${ctx.at} and (leased_until is null or leased_until < ${ctx.at})
            order by due_at, id limit 50 for update skip locked)
        returning id, kind, payload, attempts`.execute(tx.q)
        return ok(rows)
      },
      { quiet: true },
    )
    return taken.ok ? [...taken.value].sort((a, b) => a.id - b.id) : []
  }

  const handle = async (office: Context, job: Leased): Promise<boolean> => {
    const handler = handlers[job.kind]
    const span = traces?.begin(`job ${job.kind}`, { 'tongzhou.job': job.kind, 'tongzhou.request_id': office.requestId })
    const ctx: Context = span ? { ...office, trace: span } : office
    try {
      if (!handler) throw new Error('nobody handles this kind of job')
      await transact(ctx, `job:${job.kind}`, async (tx) => {
        // Whoever removes the row has the job; a worker whose lease ran out finds it gone and does nothing.
        const { numAffectedRows } = await sql`
          delete from platform.job where office_id = ${tx.office} and id = ${job.id} and attempts = ${job.attempts}`.execute(
          tx.q,
        )
        if (numAffectedRows === 1n) await handler(ctx, tx, job.payload)
        return ok(null)
      })
      span?.end()
      return true
    } catch (error) {
      const code = kindOf(error)
      await transact(
        ctx,
        'platform.delay-job',
        async (tx) => {
          await sql`
          update platform.job set leased_until = null, last_error = ${code}, due_at = ${new Date(ctx.at.getTime() + backoffMs(job.attempts))}
           where office_id = ${tx.office} and id = ${job.id}`.execute(tx.q)
          return ok(null)
        },
        { quiet: true },
      )
      span?.end(code)
      return false
    }
  }

  /** Everything that is due now; tells how many were handled. */
  const drain = async (): Promise<number> => {
    let handled = 0
    for (;;) {
      const { rows } = await db.pool.query<{ office: number }>('select platform.offices_with_due_jobs($1) as office', [
        clock(),
      ])
      let taken = 0
      for (const { office } of rows) {
        const ctx = contextOf(office)
        for (const job of await lease(ctx)) {
          taken += 1
          if (await handle(ctx, job)) handled += 1
        }
      }
      if (taken === 0) return handled
    }
  }

  let going = false
  let loop = Promise.resolve()
  return {
    drain,
    start: (everyMs = 500): void => {
      going = true
      loop = (async () => {
        while (going) {
          // A database that is away for a moment is asked again; the jobs are safe in it.
          await drain().catch(() => {})
          await pause(everyMs)
        }
      })()
    },
    stop: async (): Promise<void> => {
      going = false
      await loop
    },
  }
}
