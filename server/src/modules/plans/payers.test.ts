import { expect, test } from 'vitest'
import { fen } from '#kernel/money.ts'
import { compile } from './edition.ts'
import { payersOf } from './joining.ts'

const edition = (payers: string) => {
  const compiled = compile(
    `
plan: payers
edition: 1
title: 谁承担
issuer: 某工会
kind: ours
source: { issuer: 某工会, year: 2026, evidence: 由我们设计，待核对 }
family: hospital
fund: hospital
in_force: { from: 2026-01-01 }
values:
  fee: { about: 互助费, unit: yuan, value: 100.01, clause: art-1 }
  most: { about: 份数, unit: count, value: 1, clause: art-1 }
  months: { about: 期限, unit: months, value: 12, clause: art-1 }
  fixed: { about: 单位承担, unit: yuan, value: 20.00, clause: art-1 }
  half: { about: 工会承担, unit: percent, value: 50%, clause: art-1 }
  third: { about: 财政承担, unit: fraction, value: 1/3, clause: art-1 }
who: { clause: art-1 }
fee: { clause: art-1, per: person, amount: fee, shares_max: most, payers: ${payers} }
term: { clause: art-1, months: months, starts: common_day }
parts:
  - { id: part, title: 给付, clause: art-1, events: [death], key_date: death, steps: [{ amount: fee }], reviews: { levels: 1, decides: office } }
`,
    '## art-1 条款\n\n正文。\n',
  )
  if (!compiled.ok) throw new Error(compiled.refused.first)
  return compiled.value
}
const split = (payers: string) =>
  payersOf(edition(payers), fen(10_001), '2026-05-01').map(({ who, level, amountFen }) => [level ?? who, amountFen])

test('what nobody is named for is the member’s, or that of the payer with neither amount nor share', () => {
  expect(split('[{ who: unit, amount: fixed }]')).toEqual([
    ['unit', 2_000],
    ['member', 8_001],
  ])
  expect(split('[{ who: member, amount: fixed }, { who: unit_union }]')).toEqual([
    ['member', 2_000],
    ['unit_union', 8_001],
  ])
  expect(split('[{ who: unit, share: half }]')).toEqual([
    ['unit', 5_001],
    ['member', 5_000],
  ])
})

test('amounts go first, shares are of what they leave, and the parts make the whole to the fen', () => {
  expect(
    split(
      '[{ who: unit, amount: fixed }, { who: upper_union, level: 市, share: half }, { who: upper_union, level: 区, share: half }]',
    ),
  ).toEqual([
    ['unit', 2_000],
    ['市', 4_001],
    ['区', 4_000],
  ])
  const thirds = split('[{ who: finance, share: third }, { who: unit, share: third }]')
  expect(thirds.map(([, sum]) => Number(sum)).reduce((a, b) => a + b)).toBe(10_001)
  expect(thirds).toHaveLength(3)
})
