import { z } from 'zod'
import { Id } from './network.ts'
import type { Refusals } from './refusals.ts'

/** Our own bank accounts whose statements are read. A name typed wrongly would make every line of a statement look new. */
export const bankAccounts: readonly string[] = ['专户']
export const StatementFields = z.object({ account: z.string().trim().min(2).max(60).default('专户') })
export const Allocate = z.object({
  receiptId: Id,
  noticeId: Id,
  amountFen: z.number().int().min(1).max(900_000_000_000),
  /** the same sum of the same receipt goes to the same notice once more, and that is meant */
  again: z.boolean().optional(),
})
export type Allocate = z.infer<typeof Allocate>

export const contributionsRefusals = {
  statement_columns_missing: {
    http: 422,
    zh: '对账单里没有找到这些列：{missing}。需要：交易日期、对方户名、贷方金额、附言、流水号。',
  },
  statement_rows_wrong: { http: 422, zh: '对账单有 {count} 行读不懂，什么都没有入账。请按提示修改：{first}。' },
  receipt_not_found: { http: 404, zh: '未找到这笔到账。' },
  notice_not_found: { http: 404, zh: '未找到这份缴费通知单。' },
  receipt_too_small: { http: 422, zh: '这笔到账只剩 {left} 元没有分配。' },
  notice_needs_less: { http: 422, zh: '这份缴费通知单只差 {left} 元，多余的钱请留在未分配里。' },
  already_allocated: {
    http: 409,
    zh: '这笔到账已有同样的 {amount} 元分配给这份通知单，没有再分配。确实要再分配同样的金额，请写明“再一次”（again；命令行 --again）。',
  },
  statement_account_not_known: {
    http: 422,
    zh: '没有“{account}”这个银行账户，请核对；现在能读入对账单的账户：{accounts}。',
  },
} satisfies Refusals
