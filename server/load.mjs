// Loads a module of ours: as built where a build of these very sources is there, else as it stands, through tsx.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * The folder of what `scripts/build.mjs` makes of the sources as they are now: the place, size and time of
 * every source, and of what else a build depends on, are in its name, so that a build of other sources is never taken for it.
 */
export const builtFolder = () => {
  const now = createHash('sha256')
  const look = (path) => {
    const { size, mtimeMs } = statSync(path)
    now.update(`${path} ${size} ${mtimeMs}\n`)
  }
  for (const part of ['cli', 'contract', 'server'])
    for (const entry of readdirSync(join(root, part), { recursive: true, withFileTypes: true }))
      if (/(?<!\.test)\.(ts|mjs)$/.test(entry.name)) look(join(entry.parentPath, entry.name))
  for (const file of ['package.json', 'package-lock.json', 'scripts/build.mjs']) look(join(root, file))
  return join(root, 'node_modules/.tongzhou', now.digest('hex').slice(0, 16))
}

/** The module at a `file:` URL, one of the entries that `scripts/build.mjs` names. */
export const load = async (url) => {
  const built = join(builtFolder(), relative(root, fileURLToPath(url))).replace(/\.ts$/, '.mjs')
  if (existsSync(built)) {
    process.setSourceMapsEnabled(true)
    return import(pathToFileURL(built).href)
  }
  const { register } = await import('tsx/esm/api')
  register()
  return import(String(url))
}
