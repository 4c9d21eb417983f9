import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { claimsRefusals } from './claims.ts'
import { contributionsRefusals } from './contributions.ts'
import { disclosureRefusals } from './disclosure.ts'
import { enrolmentRefusals } from './enrolment.ts'
import { ledgerRefusals } from './ledger.ts'
import { membershipRefusals } from './membership.ts'
import { paymentsRefusals } from './payments.ts'

// A 'no' that nothing provokes is a promise nobody holds: each code of the main job stands in a test that meets it.

const root = fileURLToPath(new URL('..', import.meta.url))
const tests = async (): Promise<string> => {
  const texts: string[] = []
  for (const folder of ['server', 'journeys', 'cli', 'test'])
    for (const entry of await readdir(`${root}/${folder}`, { recursive: true, withFileTypes: true }))
      if (entry.isFile() && entry.name.endsWith('.test.ts'))
        texts.push(await readFile(`${entry.parentPath}/${entry.name}`, 'utf8'))
  return texts.join('\n')
}

test('every refusal of the main job is provoked by a test, and says what to do in whole sentences', async () => {
  const all = await tests()
  const refusals = {
    ...claimsRefusals,
    ...contributionsRefusals,
    ...disclosureRefusals,
    ...enrolmentRefusals,
    ...ledgerRefusals,
    ...membershipRefusals,
    ...paymentsRefusals,
  }
  expect(Object.keys(refusals).filter((code) => !new RegExp(`\\b${code}\\b`).test(all))).toEqual([])
  expect(Object.entries(refusals).filter(([, { zh }]) => zh.length < 8)).toEqual([])
})
