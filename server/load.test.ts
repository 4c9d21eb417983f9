import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

// A tree of its own, with one source: which of the two was loaded, the source or what was built of it?

const repository = fileURLToPath(new URL('..', import.meta.url))
let tree = ''
beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'tz-load-'))
  for (const part of ['cli', 'contract', 'scripts', 'server', 'node_modules/.tongzhou'])
    await mkdir(join(tree, part), { recursive: true })
  await symlink(join(repository, 'node_modules/tsx'), join(tree, 'node_modules/tsx'))
  await copyFile(join(repository, 'server/load.mjs'), join(tree, 'server/load.mjs'))
  for (const file of ['package-lock.json', 'scripts/build.mjs']) await writeFile(join(tree, file), '')
  await writeFile(join(tree, 'package.json'), '{ "type": "module" }')
})
afterAll(() => rm(tree, { recursive: true, force: true }))

const source = () => join(tree, 'server/said.ts')
const loaded = (): string =>
  execFileSync(
    process.execPath,
    [
      '-e',
      `import('./server/load.mjs').then(async ({ load }) => console.log((await load('file://${source()}')).said))`,
    ],
    { cwd: tree, encoding: 'utf8' },
  ).trim()
const builtFolder = (): string =>
  execFileSync(
    process.execPath,
    ['-e', "import('./server/load.mjs').then(({ builtFolder }) => console.log(builtFolder()))"],
    {
      cwd: tree,
      encoding: 'utf8',
    },
  ).trim()
const build = async (said: string): Promise<void> => {
  await mkdir(join(builtFolder(), 'server'), { recursive: true })
  await writeFile(join(builtFolder(), 'server/said.mjs'), `export const said = '${said}'`)
}

test('a build is taken for its very sources, and for no others; without one the sources run as they stand', async () => {
  await writeFile(source(), "export const said: string = 'one'")
  expect(loaded()).toBe('one')
  await build('one, built')
  expect(loaded()).toBe('one, built')

  await writeFile(source(), "export const said: string = 'two'")
  expect(loaded(), 'as long as it was before, and of another moment').toBe('two')
  await build('two, built')
  // An older one put back with its own time, as a copy of a release is.
  await writeFile(source(), "export const said: string = 'six'")
  await utimes(source(), new Date('2026-01-01'), new Date('2026-01-01'))
  expect(loaded()).toBe('six')

  await build('six, built')
  await writeFile(join(tree, 'contract/new.ts'), '')
  expect(loaded(), 'a file more').toBe('six')
  await build('six, built again')
  await writeFile(join(tree, 'package-lock.json'), '{}')
  expect(loaded(), 'other libraries').toBe('six')
})
