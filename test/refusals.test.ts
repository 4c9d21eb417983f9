import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { refusals } from '#contract/refusals.ts'

// A foreseen 'no' that no test provokes is a sentence nobody has read. What cannot be provoked is named here, with why.
const cannotBeProvoked: Readonly<Record<string, string>> = {}

// Their tests stand on branches that are being merged; what is left of this list then has no test and needs one.
const awaited = new Set(
  'credit_code_needed credit_code_not_expected employers_needed unit_exists agency_not_found unit_not_found staff_exists password_too_weak unit_already_admitted day_in_future edition_not_found edition_closed roster_not_found roster_closed roster_empty common_day_needed common_day_not_used heads_kind_wrong heads_not_found heads_not_confirmed heads_already_confirmed confirmer_stated_it heads_fewer_than_roster participation_short payers_do_not_add_up report_not_found no_scheme_date statement_columns_missing statement_rows_wrong receipt_not_found notice_not_found receipt_too_small notice_needs_less already_allocated statement_account_not_known mandate_missing member_number_not_yours claim_not_found item_not_found no_cover_found day_not_come claim_too_late reviewer_reviewed_before not_this_level papers_asked_before nothing_missing facts_missing only_member_withdraws nothing_to_publish list_not_found'.split(
    ' ',
  ),
)

const root = fileURLToPath(new URL('..', import.meta.url))
const read = async (folder: string, wanted: (name: string) => boolean): Promise<string> => {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && wanted(entry.name) && entry.name !== 'refusals.test.ts')
  return (await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')))).join('\n')
}
const says = (text: string, code: string): boolean => new RegExp(`\\b${code}\\b`).test(text)

test('each refusal is provoked by some test', async () => {
  const tests = (
    await Promise.all(
      ['server', 'journeys', 'test', 'cli'].map((folder) => read(folder, (name) => /\.test\.ts$/.test(name))),
    )
  ).join('\n')
  const codes = Object.keys(refusals)
  expect(codes.length).toBeGreaterThan(90)
  expect(codes.filter((code) => !says(tests, code) && !(code in cannotBeProvoked) && !awaited.has(code))).toEqual([])
  expect(Object.keys(cannotBeProvoked).filter((code) => !codes.includes(code) || says(tests, code))).toEqual([])
})

test('each refusal is given somewhere, and says to a person what to do next', async () => {
  const code = await read('server', (name) => /\.ts$/.test(name) && !/\.test\.ts$/.test(name))
  expect(Object.keys(refusals).filter((each) => !says(code, each) && !awaited.has(each))).toEqual([])
  for (const [name, { zh }] of Object.entries(refusals)) {
    expect(zh, name).toMatch(/[\u4e00-\u9fff]/)
    expect(zh, `${name} speaks as we do`).not.toMatch(/投保|保费|承保|出险|分红|保险人|被保险/)
  }
})
