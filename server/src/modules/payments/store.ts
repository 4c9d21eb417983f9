import type { RawBuilder } from 'kysely'
import type { Page } from '#contract/network.ts'
import type { CivilDate } from '#kernel/days.ts'
import { type Context, sql, type Tx } from '#platform/database/index.ts'

export interface NewDue {
  readonly itemId: number
  readonly personId: number
  readonly unitId: number
  readonly plan: string
  readonly fund: string
  readonly amountFen: number
  readonly payeeKind: string
  readonly payeeNameSealed: Buffer
  readonly accountSealed: Buffer
  readonly bankBranch: string
  readonly notice: 'before' | 'after'
  readonly nameInNotice: boolean
  readonly dueOn: string
}

/** A decided benefit becomes due, once an item (its key): a part of the deciding statement, for each row of `decided`. */
export const addingDue = async (tx: Tx, due: NewDue): Promise<RawBuilder<unknown>> => {
  const id = await tx.ids.take()
  return sql`
    new_due as (
      insert into payments.due (office_id, id, item_id, person_id, unit_id, plan, fund, amount_fen, payee_kind,
        payee_name_sealed, account_sealed, bank_branch, notice, name_in_notice, due_on)
      select ${tx.office}, ${id}, ${due.itemId}, ${due.personId}, ${due.unitId}, ${due.plan}, ${due.fund}, ${due.amountFen},
             ${due.payeeKind}, ${due.payeeNameSealed}, ${due.accountSealed}, ${due.bankBranch}, ${due.notice},
             ${due.nameInNotice}, ${due.dueOn}
        from decided)`
}

/** One maker or reader of answers of an office at a time: the second waits, and then finds what is left. */
export const oneAtATime = async (tx: Tx): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${tx.office}::integer, 9)`.execute(tx.q)
}

/** 付2026-0001: the next number of the office's year. Called under `oneAtATime`, so that a batch undone leaves no gap. */
export const nextBatchNumber = async (tx: Tx, today: CivilDate): Promise<string> => {
  const year = today.slice(0, 4)
  const { rows } = await sql<{ made: number }>`
    select count(*) as made from payments.batch where office_id = ${tx.office} and number like ${`付${year}-%`}`.execute(
    tx.q,
  )
  return `付${year}-${String((rows[0]?.made ?? 0) + 1).padStart(4, '0')}`
}

/**
 * Every due of the office with its last attempt, and its state on a day, which nobody keeps: it follows from the rows that
 * are there. `ready` is what may be paid: never sent, or failed and mended; where the notice comes first, its days are over.
 */
const duesOn = (tx: Tx, on: CivilDate) => sql`
  select d.*, l.attempt as last_attempt, l.batch_id as last_batch, l.reason as last_reason,
         case when l.outcome = 'paid' then 'paid'
              when l.attempt is not null and l.outcome is null then 'sent'
              when d.notice = 'before' and not exists (
                select from disclosure.row r join disclosure.list n on n.office_id = r.office_id and n.id = r.list_id
                 where r.office_id = d.office_id and r.due_id = d.id and n.until_on <= ${on}::date) then 'in_notice'
              when l.outcome = 'failed' and not exists (
                select from payments.mended_account m
                 where m.office_id = d.office_id and m.due_id = d.id and m.for_attempt = l.attempt + 1) then 'failed'
              else 'ready' end as state
    from payments.due d
    left join lateral (
      select a.attempt, a.batch_id, o.outcome, o.reason from payments.attempt a
        left join payments.outcome o on o.office_id = a.office_id and o.due_id = a.due_id and o.attempt = a.attempt
       where a.office_id = d.office_id and a.due_id = d.id order by a.attempt desc limit 1) l on true
   where d.office_id = ${tx.office}`

/** What could go into a batch on a day, oldest first. */
export const duesReady = async (
  tx: Tx,
  on: CivilDate,
): Promise<{ dueId: number; itemId: number; amountFen: number }[]> => {
  const { rows } = await sql<{ dueId: number; itemId: number; amountFen: number }>`
    select id as "dueId", item_id as "itemId", amount_fen as "amountFen" from (${duesOn(tx, on)}) d where state = 'ready' order by id`.execute(
    tx.q,
  )
  return rows
}

export type DueState = 'in_notice' | 'ready' | 'sent' | 'failed' | 'paid'

export interface DueRow {
  readonly id: number
  readonly personId: number
  readonly itemId: number
  readonly fund: string
  readonly amountFen: number
  readonly dueOn: string
  readonly state: DueState
  readonly attempts: number
  readonly batchId: number | null
  readonly reason: string | null
  readonly payeeNameSealed: Buffer
  readonly accountSealed: Buffer
}

/** Dues in a state on a day, or in any; oldest first, from behind `after`, a page at a time. */
export const duesInState = async (
  tx: Tx,
  of: { on: CivilDate; state: DueState | null; after: number; limit: number },
): Promise<DueRow[]> => {
  const { rows } = await sql<DueRow>`
    select d.id, d.person_id as "personId", d.item_id as "itemId", d.fund, d.amount_fen as "amountFen", d.due_on as "dueOn", d.state,
           coalesce(d.last_attempt, 0) as attempts, d.last_batch as "batchId", d.last_reason as reason,
           coalesce(m.payee_name_sealed, d.payee_name_sealed) as "payeeNameSealed", coalesce(m.account_sealed, d.account_sealed) as "accountSealed"
      from (${duesOn(tx, of.on)}) d
      left join lateral (
        select payee_name_sealed, account_sealed from payments.mended_account m
         where m.office_id = d.office_id and m.due_id = d.id order by for_attempt desc limit 1) m on true
     where d.id > ${of.after} and (${of.state}::text is null or d.state = ${of.state}) order by d.id limit ${of.limit}`.execute(
    tx.q,
  )
  return rows
}

/** Puts everything that is ready into a batch, in one statement; the keys of the attempts decide. Tells how many and how much. */
export const fillBatch = async (
  tx: Tx,
  ctx: Context,
  batch: { id: number; number: string; layout: string },
): Promise<{ items: number; totalFen: number }> => {
  const { rows } = await sql<{ items: number; totalFen: number }>`
    with ready as materialized (
      select id, amount_fen, coalesce(last_attempt, 0) + 1 as attempt from (${duesOn(tx, ctx.today)}) d where state = 'ready'),
    made as (
      insert into payments.batch (office_id, id, number, layout, items, total_fen, made_by, made_on)
      select ${tx.office}, ${batch.id}, ${batch.number}, ${batch.layout}, count(*), sum(amount_fen), ${ctx.actor.id}, ${ctx.today}::date from ready having count(*) > 0
      returning items, total_fen),
    sent as (
      insert into payments.attempt (office_id, due_id, attempt, batch_id, line, reference, amount_fen, after_attempt, after_outcome)
      select ${tx.office}, id, attempt, ${batch.id}, row_number() over (order by id), ${tx.office} || '-' || id || '-' || attempt, amount_fen,
             case when attempt > 1 then attempt - 1 end, case when attempt > 1 then 'failed' end
        from ready)
    select items, total_fen as "totalFen" from made`.execute(tx.q)
  return rows[0] ?? { items: 0, totalFen: 0 }
}

/** Which other batch of the office each of these references was sent in; nothing of those never sent. */
export const sentElsewhere = async (
  tx: Tx,
  batchId: number,
  references: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  if (references.length === 0) return new Map()
  const { rows } = await sql<{ reference: string; number: string }>`
    select a.reference, b.number from payments.attempt a join payments.batch b on b.office_id = a.office_id and b.id = a.batch_id
     where a.office_id = ${tx.office} and a.batch_id <> ${batchId} and a.reference = any (${references}::text[])`.execute(
    tx.q,
  )
  return new Map(rows.map((row) => [row.reference, row.number]))
}

/** What a file said when it was read first; undefined where it is new. */
export const answerOfFile = async (
  tx: Tx,
  batchId: number,
  contentHash: Buffer,
): Promise<{ paid: number; failed: number; paidFen: number } | undefined> => {
  const { rows } = await sql<{ paid: number; failed: number; paidFen: number }>`
    select n.paid, n.failed, coalesce((
             select sum(a.amount_fen) from payments.outcome o join payments.attempt a using (office_id, due_id, attempt)
              where o.office_id = n.office_id and o.answer_id = n.id and o.outcome = 'paid'), 0)::bigint as "paidFen"
      from payments.answer n where n.office_id = ${tx.office} and n.batch_id = ${batchId} and n.content_hash = ${contentHash}`.execute(
    tx.q,
  )
  return rows[0]
}

export interface BatchRow {
  readonly id: number
  readonly number: string
  readonly layout: string
  readonly items: number
  readonly totalFen: number
  readonly madeBy: number
  readonly madeOn: string
  readonly releasedOn: string | null
  readonly paid: number
  readonly failed: number
}

const batchesWhere = async (tx: Tx, which: RawBuilder<unknown>, limit: number): Promise<BatchRow[]> => {
  const { rows } = await sql<BatchRow>`
    select b.id, b.number, b.layout, b.items, b.total_fen as "totalFen", b.made_by as "madeBy", b.made_on as "madeOn", r.released_on as "releasedOn",
           (select count(*) from payments.attempt a join payments.outcome o using (office_id, due_id, attempt) where a.office_id = b.office_id and a.batch_id = b.id and o.outcome = 'paid') as paid,
           (select count(*) from payments.attempt a join payments.outcome o using (office_id, due_id, attempt) where a.office_id = b.office_id and a.batch_id = b.id and o.outcome = 'failed') as failed
      from payments.batch b left join payments.release r on r.office_id = b.office_id and r.batch_id = b.id
     where b.office_id = ${tx.office} and ${which} order by b.id desc limit ${limit}`.execute(tx.q)
  return rows
}

export const batchById = async (tx: Tx, batchId: number): Promise<BatchRow | undefined> =>
  (await batchesWhere(tx, sql`b.id = ${batchId}`, 1))[0]

/** The batches of the office, newest first, a page at a time. */
export const batchesOf = (tx: Tx, page: Page): Promise<BatchRow[]> =>
  batchesWhere(tx, page.after === undefined ? sql`true` : sql`b.id < ${page.after}`, page.limit)

export interface SentItem {
  readonly dueId: number
  readonly personId: number
  readonly itemId: number
  readonly attempt: number
  readonly line: number
  readonly reference: string
  readonly amountFen: number
  readonly fund: string
  readonly outcome: 'paid' | 'failed' | null
  readonly reason: string | null
  readonly payeeNameSealed: Buffer
  readonly accountSealed: Buffer
  readonly bankBranch: string
}

/** The items of a batch in the order of its file, each to the account of its own attempt. */
export const sentItems = async (tx: Tx, batchId: number): Promise<SentItem[]> => {
  const { rows } = await sql<SentItem>`
    select a.due_id as "dueId", d.person_id as "personId", d.item_id as "itemId", a.attempt, a.line, a.reference, a.amount_fen as "amountFen", d.fund, o.outcome, o.reason,
           coalesce(m.payee_name_sealed, d.payee_name_sealed) as "payeeNameSealed", coalesce(m.account_sealed, d.account_sealed) as "accountSealed",
           coalesce(m.bank_branch, d.bank_branch) as "bankBranch"
      from payments.attempt a
      join payments.due d on d.office_id = a.office_id and d.id = a.due_id
      left join payments.outcome o on o.office_id = a.office_id and o.due_id = a.due_id and o.attempt = a.attempt
      left join payments.mended_account m on m.office_id = a.office_id and m.due_id = a.due_id and m.for_attempt = a.attempt
     where a.office_id = ${tx.office} and a.batch_id = ${batchId} order by a.line`.execute(tx.q)
  return rows
}

/** Whose fault it is not: what doctor asks over all offices; each row is a defect. */
export const paymentQuestions: readonly { name: string; zh: string; sql: string }[] = [
  {
    name: 'payouts-have-entries',
    zh: '每一笔付出的互助金都有账',
    sql: `select o.office_id, o.due_id from payments.outcome o join payments.attempt a using (office_id, due_id, attempt)
           where o.outcome = 'paid' and not exists (
             select from ledger.journal j where j.office_id = o.office_id and j.event = 'benefit-paid' and j.reference = o.answer_id::text)`,
  },
  {
    name: 'answers-tie-to-books',
    zh: '每份银行回单付出的金额与账上一致',
    sql: `select p.office_id, p.answer_id from (
             select o.office_id, o.answer_id, sum(a.amount_fen) as paid from payments.outcome o join payments.attempt a using (office_id, due_id, attempt)
              where o.outcome = 'paid' group by 1, 2) p
           where p.paid <> coalesce((select sum(e.amount_fen) from ledger.journal j join ledger.entry e on e.office_id = j.office_id and e.journal_id = j.id
                                      where j.office_id = p.office_id and j.event = 'benefit-paid' and j.reference = p.answer_id::text and e.amount_fen > 0), 0)`,
  },
  {
    name: 'nothing-paid-twice',
    zh: '没有一笔应付款付过两次',
    sql: `select office_id, due_id from payments.outcome where outcome = 'paid' group by 1, 2 having count(*) > 1`,
  },
  {
    name: 'batches-add-up',
    zh: '每个支付批次的笔数和金额与明细一致',
    sql: `select b.office_id, b.id from payments.batch b
            cross join lateral (select count(*) as items, coalesce(sum(a.amount_fen), 0) as total from payments.attempt a where a.office_id = b.office_id and a.batch_id = b.id) t
           where b.items <> t.items or b.total_fen <> t.total`,
  },
  {
    name: 'dues-tie-to-decisions',
    zh: '每一笔应付款等于它的决定',
    sql: `select d.office_id, d.id from payments.due d left join claims.decision c on c.office_id = d.office_id and c.item_id = d.item_id
           where c.benefit_fen is distinct from d.amount_fen`,
  },
]
