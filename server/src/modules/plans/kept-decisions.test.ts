import { readFile, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { KeptDecision, KeptEdition } from './keep-decisions.ts'
import { fingerprintOf } from './read-plan.ts'
import { replay } from './replay.ts'

// Decisions made once, with the text of the editions they cite. They are never made again by newer code, only replayed:
// a step that means something else than it did fails here. `npm run plans:keep` adds those of new editions.
const kept = fileURLToPath(new URL('../../../../test/fixtures/kept-decisions/', import.meta.url))
const linesOf = async <T>(name: string): Promise<T[]> =>
  (await readFile(`${kept}${name}`, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
const editions = await linesOf<KeptEdition>('editions.jsonl')
const decisions = await linesOf<KeptDecision>('decisions.jsonl')

test('the kept texts are those that the decisions cite', () => {
  for (const { sha256, text, clauses } of editions) expect(fingerprintOf(text, clauses)).toBe(sha256)
  const known = new Set(editions.map((each) => each.sha256))
  expect(decisions.filter((each) => !known.has(each.edition))).toEqual([])
})

test('there are enough of them, that pay and that refuse, and they stay small', async () => {
  expect(decisions.filter((each) => each.benefitFen > 0).length).toBeGreaterThan(30)
  expect(new Set(decisions.map((each) => each.refused?.code)).size).toBeGreaterThan(4)
  const sizes = await Promise.all(['editions.jsonl', 'decisions.jsonl'].map((name) => stat(`${kept}${name}`)))
  expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(2_000_000)
})

describe.each(editions.map((each) => [`${each.plan} ${each.sha256.slice(0, 8)}`, each] as const))(
  '%s',
  (_, edition) => {
    const own = decisions.filter((each) => each.edition === edition.sha256)
    test(`its ${own.length} kept decisions come out to the fen, step by step`, () => {
      const otherwise = own.flatMap((record, i) => {
        const again = replay({ ...record, edition })
        if (!again.ok) return [`${i + 1} ${record.part}：${JSON.stringify(again.refused)}`]
        return again.value.differences.map((difference) => `${i + 1} ${record.part}：${difference}`)
      })
      expect(otherwise).toEqual([])
    })
  },
)
