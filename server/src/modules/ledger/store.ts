import type { CivilDate } from '#kernel/days.ts'
import type { Fen } from '#kernel/money.ts'
import type { Tx } from '#platform/database/index.ts'
import type { FundRow, Period, TrialRow } from './books.ts'
import { monthsOf } from './books.ts'

/** The trial balance of a month or a year: each account that was ever used; balances are debit plus, credit minus. */
export const trialBalance = async (tx: Tx, period: Period): Promise<TrialRow[]> => {
  const { first, last, lastDay } = monthsOf(period)
  const { rows } = await tx.client.query<TrialRow>(
    `select b.account, a.name_zh as name, a.kind,
       sum(b.debit_fen - b.credit_fen) filter (where b.period < $2)::bigint as "openingFen",
       sum(b.debit_fen) filter (where b.period >= $2)::bigint as "debitFen",
       sum(b.credit_fen) filter (where b.period >= $2)::bigint as "creditFen",
       sum(b.debit_fen - b.credit_fen)::bigint as "closingFen"
     from ledger.balance b
     left join lateral (select name_zh, kind from ledger.account a where a.code = b.account and a.from_on <= $4::date
       order by a.from_on desc limit 1) a on true
     where b.office_id = $1 and b.period <= $3
     group by b.account, a.name_zh, a.kind order by b.account`,
    [tx.office, first, last, lastDay],
  )
  return rows.map((row) => ({
    ...row,
    openingFen: (row.openingFen ?? 0) as Fen,
    debitFen: (row.debitFen ?? 0) as Fen,
    creditFen: (row.creditFen ?? 0) as Fen,
  }))
}

/**
 * The statement of each fund for a month or a year. Opening and closing are what is the fund's own (net assets with the
 * income and expense so far); money less what is payable, unallocated and owed as principal is the closing, always.
 */
export const fundStatement = async (tx: Tx, period: Period): Promise<FundRow[]> => {
  const { first, last, lastDay } = monthsOf(period)
  const { rows } = await tx.client.query<FundRow>(
    `with line as (
       select b.fund, a.statement_line as line, b.period >= $2 as inside, sum(b.credit_fen - b.debit_fen) as credit
       from ledger.balance b
       left join lateral (select statement_line from ledger.account a where a.code = b.account and a.from_on <= $4::date
         order by a.from_on desc limit 1) a on true
       where b.office_id = $1 and b.period <= $3
       group by 1, 2, 3),
     own as (
       select fund,
         coalesce(sum(credit) filter (where line in ('net-assets', 'contribution', 'other-income', 'benefit', 'other-expense') and not inside), 0) as opening,
         coalesce(sum(credit) filter (where line = 'contribution' and inside), 0) as contributions,
         coalesce(sum(credit) filter (where line = 'other-income' and inside), 0) as other_income,
         coalesce(-sum(credit) filter (where line = 'benefit' and inside), 0) as benefits,
         coalesce(-sum(credit) filter (where line = 'other-expense' and inside), 0) as other_expenses,
         coalesce(sum(credit) filter (where line = 'net-assets' and inside), 0) as transfers,
         coalesce(-sum(credit) filter (where line = 'money'), 0) as money,
         coalesce(sum(credit) filter (where line = 'payable'), 0) as payable,
         coalesce(sum(credit) filter (where line = 'unallocated'), 0) as unallocated,
         coalesce(sum(credit) filter (where line = 'principal'), 0) as principal
       from line group by fund)
     select o.fund, f.name_zh as name, o.opening::bigint as "openingFen", o.contributions::bigint as "contributionsFen",
       o.other_income::bigint as "otherIncomeFen", o.benefits::bigint as "benefitsFen",
       o.other_expenses::bigint as "otherExpensesFen", o.transfers::bigint as "transfersFen",
       (o.opening + o.contributions + o.other_income - o.benefits - o.other_expenses + o.transfers)::bigint as "closingFen",
       o.money::bigint as "moneyFen", o.payable::bigint as "payableFen", o.unallocated::bigint as "unallocatedFen",
       o.principal::bigint as "principalOwedFen"
     from own o
     left join lateral (select name_zh, sort from ledger.fund f where f.code = o.fund and f.from_on <= $4::date
       order by f.from_on desc limit 1) f on true
     order by f.sort, o.fund`,
    [tx.office, first, last, lastDay],
  )
  return rows
}

export interface PrincipalDue {
  readonly coverId: number
  readonly personId: number
  readonly dueOn: CivilDate
  readonly amountFen: Fen
}

/** Principal that is due by a day and not yet repaid, in the order it fell due. */
export const principalDue = async (tx: Tx, through: CivilDate): Promise<PrincipalDue[]> => {
  const { rows } = await tx.client.query<PrincipalDue>(
    `select cover_id as "coverId", person_id as "personId", due_on as "dueOn", sum(amount_fen)::bigint as "amountFen"
     from ledger.principal_owed where office_id = $1 and due_on <= $2
     group by cover_id, person_id, due_on having sum(amount_fen) <> 0 order by due_on, cover_id`,
    [tx.office, through],
  )
  return rows
}
