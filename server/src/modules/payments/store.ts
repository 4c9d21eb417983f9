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

/** A decided benefit becomes due; called inside the deciding transaction, once an item (its key). */
export const addDue = async (tx: Tx, due: NewDue): Promise<void> => {
  await tx.q
    .insertInto('payments.due')
    .values({
      office_id: tx.office,
      id: await tx.ids.take(),
      item_id: due.itemId,
      person_id: due.personId,
      unit_id: due.unitId,
      plan: due.plan,
      fund: due.fund,
      amount_fen: due.amountFen,
      payee_kind: due.payeeKind,
      payee_name_sealed: due.payeeNameSealed,
      account_sealed: due.accountSealed,
      bank_branch: due.bankBranch,
      notice: due.notice,
      name_in_notice: due.nameInNotice,
      due_on: due.dueOn,
    })
    .execute()
}

/**
 * Puts everything that may be paid today into a batch, in one statement: never sent, or failed and mended; where the notice
 * comes first, its days are over. The keys of the attempts decide between two makers. Tells how many and how much.
 */
export const fillBatch = async (
  tx: Tx,
  ctx: Context,
  batch: { id: number; number: string; layout: string },
): Promise<{ items: number; totalFen: number }> => {
  // One maker of an office at a time: the second waits, and then finds what is left.
  await sql`select pg_advisory_xact_lock(${tx.office}::integer, 9)`.execute(tx.q)
  const { rows } = await sql<{ items: number; totalFen: number }>`
    with ready as (
      select d.id, d.amount_fen, coalesce(l.attempt, 0) + 1 as attempt
        from payments.due d
        left join lateral (select a.attempt, o.outcome from payments.attempt a
                             left join payments.outcome o on o.office_id = a.office_id and o.due_id = a.due_id and o.attempt = a.attempt
                            where a.office_id = d.office_id and a.due_id = d.id order by a.attempt desc limit 1) l on true
       where d.office_id = ${tx.office}
         and (l.attempt is null
           or (l.outcome = 'failed' and exists (select from payments.mended_account m
                                                 where m.office_id = d.office_id and m.due_id = d.id and m.for_attempt = l.attempt + 1)))
         and (d.notice = 'after' or exists (select from disclosure.row r join disclosure.list n on n.office_id = r.office_id and n.id = r.list_id
                                             where r.office_id = d.office_id and r.due_id = d.id and n.until_on <= ${ctx.today}::date))),
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

export const batchesOf = async (tx: Tx, batchId?: number): Promise<BatchRow[]> => {
  const { rows } = await sql<BatchRow>`
    select b.id, b.number, b.layout, b.items, b.total_fen as "totalFen", b.made_by as "madeBy", b.made_on as "madeOn", r.released_on as "releasedOn",
           (select count(*) from payments.attempt a join payments.outcome o using (office_id, due_id, attempt) where a.office_id = b.office_id and a.batch_id = b.id and o.outcome = 'paid') as paid,
           (select count(*) from payments.attempt a join payments.outcome o using (office_id, due_id, attempt) where a.office_id = b.office_id and a.batch_id = b.id and o.outcome = 'failed') as failed
      from payments.batch b left join payments.release r on r.office_id = b.office_id and r.batch_id = b.id
     where b.office_id = ${tx.office} and (${batchId ?? null}::bigint is null or b.id = ${batchId ?? null}) order by b.id desc limit 200`.execute(
    tx.q,
  )
  return rows
}

export interface SentItem {
  readonly dueId: number
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
    select a.due_id as "dueId", d.item_id as "itemId", a.attempt, a.line, a.reference, a.amount_fen as "amountFen", d.fund, o.outcome, o.reason,
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
