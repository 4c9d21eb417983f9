import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { refusals } from '#contract/refusals.ts'

// A foreseen 'no' that no test provokes is a sentence nobody has read. What cannot be provoked is named here, with why.
const cannotBeProvoked: Readonly<Record<string, string>> = {}

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
  expect(codes.filter((code) => !says(tests, code) && !(code in cannotBeProvoked))).toEqual([])
  expect(Object.keys(cannotBeProvoked).filter((code) => !codes.includes(code) || says(tests, code))).toEqual([])
})

test('each refusal is given somewhere, and says to a person what to do next', async () => {
  const code = await read('server', (name) => /\.ts$/.test(name) && !/\.test\.ts$/.test(name))
  expect(Object.keys(refusals).filter((each) => !says(code, each))).toEqual([])
  for (const [name, { zh }] of Object.entries(refusals)) {
    expect(zh, name).toMatch(/[\u4e00-\u9fff]/)
    expect(zh, `${name} speaks as we do`).not.toMatch(/投保|保费|承保|出险|分红|保险人|被保险/)
  }
})
