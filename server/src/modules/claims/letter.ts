import { chineseDay, day } from '#kernel/days.ts'
import { yuan } from '#kernel/money.ts'
import { clauseName, type Edition, explainPlainly, type Line } from '#modules/plans/core.ts'
import type { LetterRow } from './store.ts'

export interface Letter {
  readonly number: string
  readonly title: string
  readonly to: string
  readonly opening: string
  readonly lines: readonly (Line & { readonly clauseName: string; readonly clauseText: string })[]
  readonly closing: string
  readonly from: string
  readonly on: string
}

/** The member's letter: what was decided, how each yuan was worked out and by which clause, and where to object until when. */
export const letterText = (edition: Edition, row: Omit<LetterRow, 'nameSealed'>, name: string): Letter => {
  const part = edition.parts.find((each) => each.id === row.part)
  const plan = `“${edition.title}”的${part?.title ?? ''}`
  const opening = {
    granted: `您的申请（${row.eventNumber}）已经办好。按${plan}，给付 ${yuan(row.benefitFen)} 元。计算如下：`,
    part: `您的申请（${row.eventNumber}）已经办好。按${plan}，这次给付 ${yuan(row.benefitFen)} 元，少于申领的或按比例计算的数额，原因和计算如下：`,
    refused: `您的申请（${row.eventNumber}）已经审核。按${plan}，这次不能给付，原因如下：`,
  }[row.kind]
  const regraded = row.regradedBecause ? `审核时按材料重新认定，理由：${row.regradedBecause}。` : ''
  const refused = row.kind === 'refused' ? row.refusedBecause : null
  const lines = explainPlainly(edition, { workings: row.workings, refused }).map((line) => ({
    ...line,
    clauseName: clauseName(line.clause),
    clauseText: edition.clauses[line.clause] ?? '',
  }))
  return {
    number: row.number,
    title: row.kind === 'refused' ? '不予给付决定书' : '互助金给付决定书',
    to: name,
    opening: regraded ? opening.replace(/(原因和计算如下|计算如下|原因如下)：$/, `${regraded}$1：`) : opening,
    lines,
    closing: `如果您不同意，请在 ${chineseDay(day(row.objectUntil))} 之前（含当日）向${row.objectWhere}提出异议，说明理由即可，不收任何费用。`,
    from: row.office,
    on: chineseDay(day(row.issuedOn)),
  }
}
