import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

// The map of the house. A module knows only those named behind it, and only by their doors.
const knows: Readonly<Record<string, readonly string[]>> = {
  network: [],
  plans: ['network'],
  membership: ['network'],
  ledger: ['network'],
  enrolment: ['network', 'plans', 'membership'],
  contributions: ['network', 'enrolment', 'ledger'],
  payments: ['network', 'ledger'],
  claims: ['network', 'plans', 'membership', 'enrolment', 'ledger', 'payments'],
  disclosure: ['network', 'plans'],
  privacy: ['network', 'membership', 'enrolment'],
}
const doors = ['index.ts', 'core.ts', 'offline.ts']

const root = fileURLToPath(new URL('.', import.meta.url))
const repository = resolve(root, '../..')

const filesIn = async (dir: string): Promise<string[]> => {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}
const importsOf = async (file: string): Promise<string[]> => {
  const text = await readFile(file, 'utf8')
  return [...text.matchAll(/(?:from|import)\s+'([^']+)'/g)].map((match) => match[1] ?? '')
}
/** Where an import leads inside the repository, or null for a package. */
const target = (file: string, specifier: string): string | null => {
  if (specifier.startsWith('.')) return resolve(dirname(file), specifier)
  const aliases: Readonly<Record<string, string>> = {
    '#kernel/': 'server/src/kernel/',
    '#platform/': 'server/src/platform/',
    '#modules/': 'server/src/modules/',
    '#contract/': 'contract/',
  }
  const alias = Object.keys(aliases).find((each) => specifier.startsWith(each))
  return alias ? resolve(repository, (aliases[alias] ?? '') + specifier.slice(alias.length)) : null
}
const moduleOf = (path: string): string | null => /server\/src\/modules\/([^/]+)\//.exec(path)?.[1] ?? null

const files = (await filesIn(root)).filter((file) => !file.endsWith('.test.ts'))

test('there is something to look at', () => {
  expect(files.length).toBeGreaterThan(80)
})

test('a module knows only those behind it in the map, and only by their doors', async () => {
  const wrong: string[] = []
  for (const file of files) {
    const from = moduleOf(file)
    if (!from) continue
    for (const specifier of await importsOf(file)) {
      const to = target(file, specifier)
      const other = to && moduleOf(to)
      if (!to || !other || other === from) continue
      if (!knows[from]?.includes(other)) wrong.push(`${relative(root, file)} may not know ${other}`)
      if (!doors.some((door) => to.endsWith(`/${other}/${door}`)))
        wrong.push(`${relative(root, file)} goes past the door of ${other}`)
    }
  }
  expect(wrong).toEqual([])
})

test('the map has no circle', () => {
  const visit = (name: string, path: readonly string[]): void => {
    expect(path, [...path, name].join(' → ')).not.toContain(name)
    for (const next of knows[name] ?? []) visit(next, [...path, name])
  }
  for (const name of Object.keys(knows)) visit(name, [])
})

test('the kernel imports nothing of ours, and the platform not one word of mutual aid', async () => {
  const wrong: string[] = []
  for (const file of files) {
    for (const specifier of await importsOf(file)) {
      if (file.includes('/kernel/') && !specifier.startsWith('./')) wrong.push(`${relative(root, file)}: ${specifier}`)
      if (file.includes('/platform/') && specifier.startsWith('#modules/'))
        wrong.push(`${relative(root, file)}: ${specifier}`)
    }
  }
  expect(wrong).toEqual([])
})

test('a decision can be replayed anywhere: from the core of plans no node:, pg or platform import is reached', async () => {
  const seen = new Set<string>()
  const wrong: string[] = []
  const walk = async (file: string): Promise<void> => {
    if (seen.has(file)) return
    seen.add(file)
    for (const specifier of await importsOf(file)) {
      const to = target(file, specifier)
      if (to) await walk(to)
      else if (!['yaml', 'zod'].includes(specifier)) wrong.push(`${relative(root, file)}: ${specifier}`)
      if (to?.includes('/platform/')) wrong.push(`${relative(root, file)}: ${specifier}`)
    }
  }
  await walk(join(root, 'modules/plans/core.ts'))
  expect(seen.size).toBeGreaterThan(5)
  expect(wrong).toEqual([])
})

test('the command line starts at once: until it knows what is asked, it loads no package of the server', async () => {
  const [seen, reached] = [new Set<string>(), new Map<string, string>()]
  const from = async (file: string): Promise<void> => {
    if (seen.has(file)) return
    seen.add(file)
    const text = await readFile(file, 'utf8')
    // What is imported as a type is not loaded, and what is imported inside a function is loaded when it is called.
    for (const [, clause = '', specifier = ''] of text.matchAll(/^(?:import|export)\s([^;]*?)\sfrom '([^']+)'/gm)) {
      if (/^type\s/.test(clause) || /^\{(\s*type\s[^,}]+,?)+\s*\}$/.test(clause)) continue
      const path = target(file, specifier)
      if (path) await from(path)
      else if (!specifier.startsWith('node:')) reached.set(specifier, relative(repository, file))
    }
  }
  await from(join(repository, 'cli/tongzhou.ts'))
  expect(seen.size).toBeGreaterThan(20)
  expect([...reached]).toEqual([])
})

test('each module writes only its own tables', async () => {
  const wrong: string[] = []
  for (const file of files) {
    const own = moduleOf(file)
    if (!own) continue
    const text = await readFile(file, 'utf8')
    for (const [, schema] of text.matchAll(
      /(?:insert\s+into|delete\s+from|insertInto\('|update)\s*([a-z]+)\.[a-z_]+/g,
    )) {
      if (schema !== own && Object.keys(knows).includes(schema ?? ''))
        wrong.push(`${relative(root, file)} writes ${schema}`)
    }
  }
  expect(wrong).toEqual([])
})

test('only main, the CLI and the search for binaries read the environment', async () => {
  const readers = []
  for (const file of files)
    if ((await readFile(file, 'utf8')).includes('process.env')) readers.push(relative(root, file))
  expect(readers.sort()).toEqual(['main.ts', 'platform/postgres/binaries.ts', 'platform/postgres/launcher.ts'])
})
