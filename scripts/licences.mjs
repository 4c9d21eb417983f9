// npm run licences: every package that an installation runs, with its licence, into docs/reference/licences.md. Ends with 1
// where a licence is not one that we have said yes to. `--check` writes nothing and asks whether the page is current.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = `${root}docs/reference/licences.md`
const welcome = [
  ...[
    'MIT',
    'MIT-0',
    'ISC',
    '0BSD',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'Apache-2.0',
    'BlueOak-1.0.0',
    'CC0-1.0',
    'Unlicense',
  ],
  ...['Python-2.0', 'PostgreSQL', 'Zlib', 'CC-BY-4.0', 'OFL-1.1', 'WTFPL', 'MPL-2.0'],
]

/** "(MIT OR GPL-3.0)" is welcome where one side is; "MIT AND ISC" where both are. */
const isWelcome = (licence) =>
  licence
    .replace(/[()]/g, '')
    .split(/\s+OR\s+/)
    .some((side) => side.split(/\s+AND\s+/).every((each) => welcome.includes(each.trim())))

const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'))
const rows = new Map()
for (const [path, entry] of Object.entries(packages)) {
  if (path === '' || entry.dev || entry.link) continue
  const name = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const file = `${root}${path}/package.json`
  const own = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  const said = entry.license ?? own.license ?? own.licenses
  const licence = Array.isArray(said)
    ? said.map((each) => each.type ?? each).join(' OR ')
    : (said?.type ?? said ?? 'unknown')
  rows.set(`${name}@${entry.version}`, { name, version: entry.version, licence })
}
const all = [...rows.values()].sort((a, b) =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1,
)
const strange = all.filter(({ licence }) => !isWelcome(licence))
const text = [
  '# Licences of what an installation runs',
  '',
  'Written by `npm run licences` from the lock file. What only builders use is not listed. A bill of materials for machines',
  '(CycloneDX): `npm run sbom`.',
  '',
  '| package | version | licence |',
  '| --- | --- | --- |',
  ...all.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`),
  '',
].join('\n')
if (process.argv.includes('--check')) {
  if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
    process.stderr.write('docs/reference/licences.md is older than the lock file: run `npm run licences`.\n')
    process.exitCode = 1
  }
} else writeFileSync(page, text)
process.stdout.write(`${all.length} packages, ${strange.length} with a licence to be looked at\n`)
for (const { name, version, licence } of strange) process.stderr.write(`${name}@${version}: ${licence}\n`)
if (strange.length > 0) process.exitCode = 1
