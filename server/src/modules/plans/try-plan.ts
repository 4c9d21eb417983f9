import { addDays, addMonths, day } from '#kernel/days.ts'
import { parseYuan, yuan } from '#kernel/money.ts'
import { type Assessment, assess } from './assess.ts'
import { type Edition, numberOn } from './edition.ts'
import type { Example } from './read-plan.ts'

export interface Tried {
  readonly example: Example
  readonly expected: string
  readonly got: string
  readonly passed: boolean
  readonly why: string
  readonly parts: readonly Assessment[]
}

const fenOf = (text: string): number => {
  const amount = parseYuan(text)
  if (amount === null) throw new Error(`金额写作 36.00：${text}`)
  return amount
}

/** Works one example by an edition and compares it with what the example says. */
export const tryExample = (edition: Edition, example: Example): Tried => {
  const from = day(example.joined)
  const on = example.on ?? addDays(from, (example.day_of_cover ?? 1) - 1)
  const event = {
    kind: example.event,
    // In an example one day stands for every date of the event, whichever of them the plan counts by.
    dates: Object.fromEntries([...new Set(edition.parts.map((part) => part.key_date))].map((name) => [name, on])),
    bill: Object.fromEntries(Object.entries(example.bill).map(([field, amount]) => [field, fenOf(amount)])),
    days: example.days,
    codes: example.codes,
  }
  const parts = assess(edition, {
    cover: {
      coverId: 1,
      from,
      until: addMonths(from, numberOn(edition, edition.term.months, from)),
      shares: example.shares,
      continuous: example.continuous,
    },
    event,
    eventKey: 'this',
    earlier: example.earlier.map((each, i) => ({
      coverId: each.same_cover ? 1 : 0,
      plan: edition.plan,
      part: each.part,
      eventKey: `earlier-${i}`,
      keyOn: each.on,
      benefitFen: fenOf(each.paid),
      ...(each.base ? { base: fenOf(each.base) } : {}),
      barsIllness: each.illness ?? null,
      endsCover: each.ended,
    })),
  })
  const got = parts.reduce((sum, part) => sum + part.benefitFen, 0)
  const missing = parts.flatMap((part) => part.missing)
  const cited = new Set(
    parts.flatMap((part) => [
      ...part.workings.map((record) => record.clause),
      ...(part.refused ? [part.refused.clause] : []),
    ]),
  )
  const complaints = [
    got === fenOf(example.benefit) ? '' : `应为 ${example.benefit}，得到 ${yuan(got)}`,
    missing.length > 0 && !example.refused ? `缺少 ${missing.join('、')}` : '',
    example.refused && !parts.some((part) => part.refused?.code === example.refused)
      ? `没有因 ${example.refused} 拒绝`
      : '',
    ...example.cites.filter((clause) => !cited.has(clause)).map((clause) => `没有引用 ${clause}`),
    ...Object.entries(example.parts ?? {}).map(([part, amount]) => {
      const its = parts.find((each) => each.part === part)?.benefitFen ?? 0
      return its === fenOf(amount) ? '' : `${part} 应为 ${amount}，得到 ${yuan(its)}`
    }),
  ].filter((text) => text !== '')
  return {
    example,
    expected: example.benefit,
    got: yuan(got),
    passed: complaints.length === 0,
    why: complaints.join('；'),
    parts,
  }
}
