import { addDays, chineseDay, day } from '#kernel/days.ts'
import { yuan } from '#kernel/money.ts'

/** An act that others did for or about a member, as the tables tell it. */
export interface Line {
  /** names the line for good, so that she can say which she has read */
  readonly line: string
  readonly what: keyof typeof sentences
  readonly on: string
  readonly at: Date | null
  readonly claim: string | null
  readonly role: string | null
  readonly place: string
  /** of a worker, only where what he did was to look at her full data */
  readonly name: string | null
  readonly reason: string | null
  readonly detail: Detail
  readonly isNew: boolean
}
type Detail = Readonly<Record<string, string | number | boolean | readonly string[] | null>>

/** How a worker reads who it was; the names of rights are for those who give them. */
const spoken: Readonly<Record<string, string>> = {
  unit_officer: '单位工会经办人',
  agency_clerk: '经办人',
  office_reviewer: '复核人',
  office_decider: '决定人',
  office_finance: '财务人员',
  administrator: '管理员',
}
export const roleInWords = (role: string | null): string | null => role && (spoken[role] ?? '工作人员')

const shownInFull: Readonly<Record<string, string>> = { paper: '证件号码', name: '姓名', account: '收款账号' }
const elsewhere: Readonly<Record<string, string>> = { decided: '作出决定', paid: '付款' }
const because = (reason: string | null): string => (reason ? `，理由：${reason}` : '')
const ofClaim = ({ claim }: Line): string => (claim ? `您的申领 ${claim} ` : '您的申领')
const who = ({ role, place, name }: Line): string => `${place}的${roleInWords(role) ?? '工作人员'}${name ?? ''}`

/** What happened, in one sentence that she reads easily. */
const sentences = {
  filed: (line: Line) => `${who(line)}凭您签名的委托书，替您报了申领 ${line.claim}。`,
  paper: (line: Line) => `${who(line)}替${ofClaim(line)}交了一份材料：${line.detail.kind}。`,
  withdrawn: (line: Line) => `${who(line)}替您撤回了申领 ${line.claim}。`,
  papers_asked: (line: Line) =>
    `${who(line)}告诉您：${ofClaim(line)}还缺材料 ${[line.detail.kinds].flat().join('、')}，请在 ${chineseDay(day(String(line.detail.until)))} 前交齐。`,
  confirmed: (line: Line) => `${who(line)}核实了${ofClaim(line).trimEnd()}：${unitSaid(line)}${because(line.reason)}。`,
  decided: (line: Line) =>
    `${who(line)}对${ofClaim(line)}作出决定：${line.detail.outcome === 'granted' ? `给付 ${yuan(Number(line.detail.fen))} 元` : '这次不能给付'}，决定书 ${line.detail.letter}。`,
  decided_elsewhere: (line: Line) =>
    `${ofClaim(line)}在另一个办事处的项目已经${elsewhere[String(line.detail.stage)]}，详情请登录那个办事处看。`,
  account_mended: (line: Line) => `${who(line)}更正了${ofClaim(line)}的收款账户${because(line.reason)}。`,
  paid: (line: Line) => `${line.place}付出了${ofClaim(line)}的互助金 ${yuan(Number(line.detail.fen))} 元。`,
  code_issued: (line: Line) => `${who(line)}核对证件后，给您发了新的登录码。`,
  revealed: (line: Line) =>
    `${who(line)}看了您完整的${shownInFull[String(line.detail.what)]}，用途：${line.reason ?? ''}。`,
  covered: (line: Line) =>
    `${line.place}为您参加了“${line.detail.title}”，保障从 ${chineseDay(day(String(line.detail.from)))} 到 ${chineseDay(addDays(day(String(line.detail.until)), -1))}。`,
} as const

const unitSaid = ({ detail }: Line): string => {
  if (!detail.ours) return '说您不是本单位的人'
  return detail.leftOn ? `说您已于 ${chineseDay(day(String(detail.leftOn)))} 离职` : '您是本单位的人，在职'
}

export const sentenceOf = (line: Line): string => sentences[line.what](line)
