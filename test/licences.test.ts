import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

// What an installation runs is listed with its licence, and the list is what the lock file says: on any machine, whatever of
// it is installed there.

const root = fileURLToPath(new URL('..', import.meta.url))
const files = ['package-lock.json', 'scripts/licences.mjs', 'docs/reference/licences.md']
interface Lock {
  readonly packages: Record<string, Record<string, unknown>>
}
const asJson = async (file: string) => JSON.parse(await readFile(join(root, file), 'utf8'))

let dir = ''
let lock: Lock
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tz-licences-'))
  for (const each of ['scripts', 'docs/reference']) await mkdir(join(dir, each), { recursive: true })
  for (const file of files) await cp(join(root, file), join(dir, file))
  lock = await asJson('package-lock.json')
})
afterAll(() => rm(dir, { recursive: true, force: true }))

/** Asks whether the list is current, with these packages beside those of the lock file. */
const check = async (more: Lock['packages'] = {}): Promise<{ status: number | null; err: string }> => {
  const packages = { ...lock.packages, ...more }
  await writeFile(join(dir, 'package-lock.json'), JSON.stringify({ ...lock, packages }))
  const done = spawnSync(process.execPath, [join(dir, 'scripts/licences.mjs'), '--check'], { encoding: 'utf8' })
  return { status: done.status, err: done.stderr }
}

test('the list is what the lock file gives, and the lock file what package.json asks for', async () => {
  expect(await check()).toEqual({ status: 0, err: '' })
  const { dependencies, devDependencies, optionalDependencies } = await asJson('package.json')
  expect(lock.packages['']).toMatchObject({ dependencies, devDependencies, optionalDependencies })
})

test('a new dependency that is not in it fails; one that only builders use is not asked for', async () => {
  const found = { version: '1.0.0', license: 'MIT' }
  expect(await check({ 'node_modules/new-one': found })).toMatchObject({
    status: 1,
    err: expect.stringContaining('npm run licences'),
  })
  expect((await check({ 'node_modules/new-one': { ...found, dev: true } })).status).toBe(0)
})

test('a licence that nobody said yes to fails by its name', async () => {
  const strange = { version: '1.0.0', license: 'SSPL-1.0' }
  expect((await check({ 'node_modules/new-one': strange })).err).toContain('new-one@1.0.0: SSPL-1.0')
})
