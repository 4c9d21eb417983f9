import type { OrderStop, WithReason } from '#contract/access.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { type Context, sql, type Tx, transact } from '#platform/database/index.ts'

type Step = 'ordered' | 'confirmed' | 'lift_asked' | 'lifted'
const before = { confirmed: 'ordered', lift_asked: 'confirmed', lifted: 'lift_asked' } as const

export interface Stop {
  readonly id: number
  readonly office: number
  readonly what: 'payments' | 'plan'
  readonly plan: string | null
  readonly reason: string
  readonly steps: readonly { step: Step; by: number; at: string }[]
}

/** The first of two hands: asks that payments, or a plan, stop. It holds when another confirms it. */
export const orderStop = (ctx: Context, input: OrderStop): Promise<Result<{ stopId: number }>> =>
  transact(
    ctx,
    'network.order-stop',
    async (tx) => {
      if ((input.what === 'plan') !== Boolean(input.plan)) return refuse({ code: 'stop_plan_needed' })
      const known = input.plan
        ? await sql`select from plans.edition where plan = ${input.plan} limit 1`.execute(tx.q)
        : null
      if (known?.rows.length === 0) return refuse({ code: 'stop_plan_unknown', plan: input.plan })
      const stopId = await tx.ids.take()
      await sql`
        insert into network.stop (office_id, id, what, plan, reason)
        values (${tx.office}, ${stopId}, ${input.what}, ${input.plan ?? null}, ${input.reason})`.execute(tx.q)
      await sql`
        insert into network.stop_step (office_id, stop_id, step, made_by, made_at, reason)
        values (${tx.office}, ${stopId}, 'ordered', ${ctx.actor.id}, ${ctx.at}, ${input.reason})`.execute(tx.q)
      return ok({ stopId })
    },
    { reason: input.reason },
  )

/** The next step of a stop: confirmed and lifted need another hand than the step before; each is made once. */
const takeStep = (
  ctx: Context,
  step: Exclude<Step, 'ordered'>,
  input: { stopId: number; reason?: string },
): Promise<Result<{ step: Step }>> =>
  transact(
    ctx,
    `network.stop-${step}`,
    async (tx) => {
      const { rows } = await sql<{ step: Step; by: number }>`
        select step, made_by as by from network.stop_step where office_id = ${tx.office} and stop_id = ${input.stopId}`.execute(
        tx.q,
      )
      if (rows.length === 0) return refuse({ code: 'stop_not_found' })
      const last = rows.find((row) => row.step === before[step])
      if (!last || rows.some((row) => row.step === step)) return refuse({ code: 'stop_step_done' })
      if (step !== 'lift_asked' && last.by === ctx.actor.id) return refuse({ code: 'stop_needs_another' })
      const { numAffectedRows } = await sql`
        insert into network.stop_step (office_id, stop_id, step, made_by, made_at, reason, after_step, after_by)
        values (${tx.office}, ${input.stopId}, ${step}, ${ctx.actor.id}, ${ctx.at}, ${input.reason ?? null}, ${last.step}, ${last.by})
        on conflict do nothing`.execute(tx.q)
      return numAffectedRows === 0n ? refuse({ code: 'stop_step_done' }) : ok({ step })
    },
    { object: `stop:${input.stopId}`, ...(input.reason ? { reason: input.reason } : {}) },
  )
export const confirmStop = (ctx: Context, input: { stopId: number }) => takeStep(ctx, 'confirmed', input)
export const askToLift = (ctx: Context, input: WithReason & { stopId: number }) => takeStep(ctx, 'lift_asked', input)
export const lift = (ctx: Context, input: { stopId: number }) => takeStep(ctx, 'lifted', input)

/** The stops of this office and of the head office, newest first. */
export const stopsHere = async (tx: Tx): Promise<Stop[]> => {
  const { rows } = await sql<Stop>`
    select s.id, s.office_id as office, s.what, s.plan, s.reason,
           (select json_agg(json_build_object('step', t.step, 'by', t.made_by, 'at', t.made_at) order by t.made_at, t.step)
              from network.stop_step t where t.office_id = s.office_id and t.stop_id = s.id) as steps
      from network.stop s join network.office o on o.id = s.office_id
     where s.office_id = ${tx.office} or o.kind = 'head' order by s.id desc limit 100`.execute(tx.q)
  return rows
}

const whatWords = { payments: '支付', plan: '计划' } as const

type What = { readonly what: 'payments' } | { readonly what: 'plan'; readonly plan: string }

/** The reason of a stop in force, ours or the head office's, as a piece of a statement. */
const reasonOf = (tx: Tx, of: What) => sql`
    (select s.reason from network.stop s join network.office o on o.id = s.office_id
      where (s.office_id = ${tx.office} or o.kind = 'head') and s.what = ${of.what}
        and s.plan is not distinct from ${of.what === 'plan' ? of.plan : null}
        and exists (select from network.stop_step t where t.office_id = s.office_id and t.stop_id = s.id and t.step = 'confirmed')
        and not exists (select from network.stop_step t where t.office_id = s.office_id and t.stop_id = s.id and t.step = 'lifted')
      limit 1)`
export const planStop = (tx: Tx, plan: string) => reasonOf(tx, { what: 'plan', plan })

export const stopRefusal = (what: What['what'], reason: string): Refused => ({
  code: 'stopped',
  what: whatWords[what],
  reason,
})

/** The refusal of a stop that is in force here today, ours or the head office's; null: go on. */
export const stopped = async (tx: Tx, of: What): Promise<Refused | null> => {
  const { rows } = await sql<{ reason: string | null }>`select ${reasonOf(tx, of)} as reason`.execute(tx.q)
  const reason = rows[0]?.reason
  return reason ? stopRefusal(of.what, reason) : null
}
