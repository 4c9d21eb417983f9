import { assert } from '#kernel/assert.ts'
import type { Case } from '#modules/plans/core.ts'
import { compile } from '#modules/plans/core.ts'

// One hospital plan, written three times: as an edition, as rules of json-rules-engine, as a graph of zen-engine; and as SQL
// in plans.ts. Level 2 or higher; 30 days of waiting; bands; a minimum of 100 yuan; at most 30,200 yuan over the cover.

export interface Claim {
  readonly id: number
  /** yuan in fen borne by the member, in scope */
  readonly selfPay: number
  readonly level: number
  readonly settledOn: string
  readonly coverFrom: string
  readonly coverUntil: string
  /** paid before under this cover, in fen */
  readonly used: number
}

const text = `
plan: bench-hospital
edition: 2026
title: 住院医疗互助保障（测速用，由我们设计）
issuer: 同舟
kind: ours
source: { issuer: 同舟, year: 2026, evidence: 由我们设计，待核对 }
family: hospital
fund: hospital
in_force: { from: 2026-01-01 }
values:
  fee: { about: 互助费, unit: yuan, value: 36.00, clause: art-2 }
  one: { about: 最高份数, unit: count, value: 1, clause: art-2 }
  months: { about: 保障期限, unit: months, value: 12, clause: art-3 }
  level: { about: 医院等级不低于, unit: count, value: 2, clause: art-4 }
  wait: { about: 等待期到第几天, unit: days, value: 30, clause: art-5 }
  bands:
    about: 分段给付比例
    unit: percent
    clause: art-4
    value: { bands: [{ over: 0, to: 1000, rate: 20% }, { over: 1000, to: 10000, rate: 50% }, { over: 10000, to: 15000, rate: 90% }, { over: 15000, to: 50000, rate: 60% }] }
  least: { about: 最低给付, unit: yuan, value: 100.00, clause: art-4 }
  cap: { about: 本期最高给付, unit: yuan, value: 30200.00, clause: art-4 }
bases: { own: { about: 医保范围内个人自付, clause: art-4, sum: { in_scope_self_pay: +1 } } }
who: { clause: art-1 }
fee: { clause: art-2, per: person, amount: fee, shares_max: one }
term: { clause: art-3, months: months, starts: day_after_money_and_papers }
parts:
  - id: hospital
    title: 住院互助金
    clause: art-4
    events: [inpatient_stay]
    key_date: settlement
    conditions: [{ fact: hospital_level, at_least: level }]
    waiting: { not_when_continuous: yes, windows: [{ through_day: wait, pays: nothing, clause: art-5 }] }
    base: own
    steps: [{ bands: bands, of: own, rounding: half-up }, { at_least: least }, { at_most: cap, within: cover }]
    reviews: { levels: 1, decides: office, source: ours }
`
const clauses = [1, 2, 3, 4, 5].map((n) => `## art-${n} 条款\n`).join('')

const compiled = compile(text, clauses)
assert(compiled.ok, compiled.ok ? '' : compiled.refused.first)
export const edition = compiled.value
export const editionText = { text, clauses }

export const caseOf = (claim: Claim): Case => ({
  cover: { coverId: claim.id, from: claim.coverFrom, until: claim.coverUntil, shares: 1, continuous: false },
  event: {
    kind: 'inpatient_stay',
    dates: { settlement: claim.settledOn },
    bill: { in_scope_self_pay: claim.selfPay },
    codes: { hospital_level: claim.level },
  },
  eventKey: '',
  earlier:
    claim.used === 0
      ? []
      : [
          {
            coverId: claim.id,
            plan: 'bench-hospital',
            part: 'hospital',
            eventKey: 'before',
            keyOn: claim.coverFrom,
            benefitFen: claim.used,
            endsCover: false,
          },
        ],
})

const bands = [
  { over: 0, to: 100_000, rate: 2_000 },
  { over: 100_000, to: 1_000_000, rate: 5_000 },
  { over: 1_000_000, to: 1_500_000, rate: 9_000 },
  { over: 1_500_000, to: 5_000_000, rate: 6_000 },
]
const msPerDay = 86_400_000
const dayOfCover = (claim: Claim): number => (Date.parse(claim.settledOn) - Date.parse(claim.coverFrom)) / msPerDay + 1

/**
 * json-rules-engine: a rule for waiting, one for the level, one for each band, one for the minimum, one for the most over the
 * cover, in that order; what a rule works out is a fact for the next. The results of the rules are its workings.
 */
export const jsonRules = async () => {
  const { Engine } = await import('json-rules-engine')
  const engine = new Engine()
  const nothing = { type: 'nothing' }
  engine.addFact('sum', async (_, almanac) =>
    Math.floor(((await almanac.factValue<number>('points')) + 5_000) / 10_000),
  )
  engine.addFact('left', async (_, almanac) => Math.max(0, 3_020_000 - (await almanac.factValue<number>('used'))))
  engine.addRule({
    conditions: { all: [{ fact: 'day', operator: 'lessThanInclusive', value: 30 }] },
    event: nothing,
    priority: 10,
    onSuccess: () => engine.stop(),
  })
  engine.addRule({
    conditions: { all: [{ fact: 'level', operator: 'lessThan', value: 2 }] },
    event: nothing,
    priority: 9,
    onSuccess: () => engine.stop(),
  })
  for (const [i, band] of bands.entries())
    engine.addRule({
      conditions: { all: [{ fact: 'selfPay', operator: 'greaterThan', value: band.over }] },
      event: { type: 'band', params: band },
      priority: 8 - i,
      onSuccess: async (_, almanac) => {
        const [points, selfPay] = [
          await almanac.factValue<number>('points'),
          await almanac.factValue<number>('selfPay'),
        ]
        almanac.addRuntimeFact('points', points + (Math.min(selfPay, band.to) - band.over) * band.rate)
      },
    })
  engine.addRule({
    conditions: {
      all: [
        { fact: 'sum', operator: 'greaterThan', value: 0 },
        { fact: 'sum', operator: 'lessThan', value: 10_000 },
      ],
    },
    event: { type: 'at_least' },
    priority: 3,
    onSuccess: (_, almanac) => void almanac.addRuntimeFact('payable', 10_000),
    onFailure: async (_, almanac) => void almanac.addRuntimeFact('payable', await almanac.factValue<number>('sum')),
  })
  engine.addRule({
    conditions: { all: [{ fact: 'payable', operator: 'greaterThan', value: { fact: 'left' } }] },
    event: { type: 'at_most' },
    priority: 2,
    onSuccess: async (_, almanac) => void almanac.addRuntimeFact('benefit', await almanac.factValue<number>('left')),
    onFailure: async (_, almanac) => void almanac.addRuntimeFact('benefit', await almanac.factValue<number>('payable')),
  })
  return async (claim: Claim): Promise<number> => {
    const { selfPay, level, used } = claim
    const { almanac } = await engine.run({ day: dayOfCover(claim), level, selfPay, used, points: 0, benefit: 0 })
    return almanac.factValue<number>('benefit')
  }
}

/** zen-engine: the same as a graph of one expression node, with its trace kept. */
export const zen = async () => {
  const { ZenEngine } = await import('@gorules/zen-engine')
  const at = { position: { x: 0, y: 0 } }
  const slice = (band: (typeof bands)[number]) => `max([0, min([selfPay, ${band.to}]) - ${band.over}]) * ${band.rate}`
  const expressions = [
    { id: '1', key: 'points', value: bands.map(slice).join(' + ') },
    { id: '2', key: 'sum', value: 'floor(($.points + 5000) / 10000)' },
    { id: '3', key: 'least', value: '$.sum > 0 ? max([$.sum, 10000]) : 0' },
    { id: '4', key: 'left', value: 'max([0, 3020000 - used])' },
    { id: '5', key: 'benefit', value: 'day <= 30 or level < 2 ? 0 : min([$.least, $.left])' },
  ]
  const decision = new ZenEngine().createDecision({
    contentType: 'application/vnd.gorules.decision',
    nodes: [
      { id: 'in', type: 'inputNode', name: 'in', ...at },
      { id: 'work', type: 'expressionNode', name: 'work', ...at, content: { expressions } },
      { id: 'out', type: 'outputNode', name: 'out', ...at },
    ],
    edges: [
      { id: 'a', type: 'edge', sourceId: 'in', targetId: 'work' },
      { id: 'b', type: 'edge', sourceId: 'work', targetId: 'out' },
    ],
  } as never)
  return async (claim: Claim): Promise<number> => {
    const { result } = await decision.evaluate(
      { day: dayOfCover(claim), level: claim.level, selfPay: claim.selfPay, used: claim.used },
      { trace: true },
    )
    return Number((result as { benefit: number }).benefit)
  }
}
