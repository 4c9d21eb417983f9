import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const root = fileURLToPath(new URL('../../../../plans/', import.meta.url))
const validate = new Ajv2020({ strict: false, allErrors: false }).compile(
  JSON.parse(await readFile(`${root}schema.json`, 'utf8')),
)

test('every shipped edition is good by the schema that editors use, read as editors read YAML', async () => {
  for (const folder of await readdir(root, { withFileTypes: true })) {
    if (!folder.isDirectory()) continue
    for (const name of (await readdir(`${root}${folder.name}`)).filter((each) => each.startsWith('edition-'))) {
      const raw: unknown = parse(await readFile(`${root}${folder.name}/${name}`, 'utf8'))
      const good = validate(raw)
      expect(`${folder.name}: ${good ? '' : JSON.stringify(validate.errors?.slice(0, 3))}`).toBe(`${folder.name}: `)
    }
  }
})

test('a word that the language does not know, and a missing one, are errors in place', () => {
  expect(validate({ plan: 'x' })).toBe(false)
  expect(validate.errors?.[0]?.message).toContain('required')
})
