import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { assess } from './assess.ts'
import { compile } from './edition.ts'

// The text of Hainan's fourth period can be read in three ways (EX051–EX054). The edition takes the first; the language can say
// each, so whichever the issuer confirms is a change of data.
const folder = fileURLToPath(new URL('../../../../plans/hainan/', import.meta.url))
const [text, clauses] = await Promise.all(
  ['edition-4-2023.yaml', 'clauses.zh.md'].map((name) => readFile(folder + name, 'utf8')),
)
const step = '{ bands: bands, of: hospital, rounding: half-up }'
const fromNothing = (edition: string) =>
  edition.replace('{ over: 1000, to: 5000, rate: 50% }', '{ over: 0, to: 5000, rate: 50% }')
const reaching = (edition: string) =>
  edition
    .replace(
      '    base: hospital\n',
      '    base: hospital\n    conditions: [{ base: hospital, reaches: least, clause: art-4 }]\n',
    )
    .replace('  death: {', '  least: { about: 给付门槛, unit: yuan, value: 1000.00, clause: art-4 }\n  death: {')
const readings = {
  'bands start at 1,000': { edition: text, gives: 640_000 },
  '1,000 only opens the door': { edition: reaching(fromNothing(text ?? '')), gives: 690_000 },
  'the whole sum takes the rate of its band': {
    edition: reaching(fromNothing(text ?? '')).replace(step, step.replace('bands:', 'rate_of_band:')),
    gives: 840_000,
  },
}

test.each(Object.entries(readings))('read as “%s”, 12,000 yuan gives its amount and 999.99 nothing', (_, reading) => {
  const edition = compile(reading.edition ?? '', clauses ?? '')
  if (!edition.ok) throw new Error(edition.refused.first)
  const benefit = (selfPay: number) =>
    assess(edition.value, {
      cover: { coverId: 1, from: '2023-03-01', until: '2026-03-01', shares: 1, continuous: false },
      event: { kind: 'inpatient_stay', dates: { discharge: '2024-06-01' }, bill: { in_scope_self_pay: selfPay } },
      eventKey: 'this',
      earlier: [],
    })[0]?.benefitFen
  expect(benefit(1_200_000)).toBe(reading.gives)
  expect(benefit(99_999)).toBe(0)
})
