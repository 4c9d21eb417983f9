// npm run plans:schema [-- --check]: plans/schema.json, what editors complete and check by, written from the code that reads editions.
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { editionSchema } from '#modules/plans/schema.ts'

const file = fileURLToPath(new URL('../plans/schema.json', import.meta.url))
const fresh = `${JSON.stringify(editionSchema(), null, 1)}\n`
if (process.argv.includes('--check')) {
  if ((await readFile(file, 'utf8').catch(() => '')) !== fresh) {
    process.stderr.write('plans/schema.json is older than the language: run `npm run plans:schema`.\n')
    process.exitCode = 1
  }
} else await writeFile(file, fresh)
