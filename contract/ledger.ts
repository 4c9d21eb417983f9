import { z } from 'zod'
import type { Refusals } from './refusals.ts'

const fen = z.int()

/** A month '2026-03' or a year '2026'. */
export const BooksPeriod = z.string().regex(/^(19|20)\d\d(-(0[1-9]|1[0-2]))?$/)

export const TrialBalanceRow = z.object({
  account: z.string(),
  name: z.string(),
  kind: z.enum(['asset', 'liability', 'net-assets', 'income', 'expense']),
  openingFen: fen,
  debitFen: fen,
  creditFen: fen,
  closingFen: fen,
})

export const FundStatementRow = z.object({
  fund: z.string(),
  name: z.string(),
  openingFen: fen,
  contributionsFen: fen,
  otherIncomeFen: fen,
  benefitsFen: fen,
  otherExpensesFen: fen,
  transfersFen: fen,
  closingFen: fen,
  moneyFen: fen,
  payableFen: fen,
  unallocatedFen: fen,
  principalOwedFen: fen,
})

/** The books of one office for a month or a year; balances are debit plus, credit minus. */
export const BooksReply = z.object({
  office: z.string(),
  period: BooksPeriod,
  trial: z.array(TrialBalanceRow),
  funds: z.array(FundStatementRow),
})

export const ledgerRefusals = {
  ledger_period_closed: { http: 409, zh: '{period}的账已经结账，不能再记入；请记到下一个未结账的月份，或联系财务人员' },
  ledger_no_account: {
    http: 422,
    zh: '账目设置里没有“{event}”的“{role}”在{on}对应的科目；请财务人员先补上科目对应关系，再重试',
  },
  ledger_no_fund: { http: 422, zh: '账目设置里没有在{on}使用的基金“{fund}”；请财务人员先补上这个基金，再重试' },
  ledger_reference_reused: {
    http: 409,
    zh: '编号{reference}已经记过账，内容与这次不同；请先查看原凭证，需要更正时先冲销再另记',
  },
  ledger_reference_reversed: { http: 409, zh: '编号{reference}记过的账已经冲销；需要重新记账时请用新的编号' },
  ledger_journal_not_found: { http: 404, zh: '未找到这张凭证；请核对凭证号' },
  ledger_is_a_reversal: { http: 409, zh: '这张凭证本身是冲销凭证，不能再冲销；需要时请重新记一笔' },
  ledger_reversal_too_early: { http: 422, zh: '冲销日期不能早于原凭证日期{on}；请改用当天或以后的日期' },
} satisfies Refusals
