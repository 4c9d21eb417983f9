// npm run docs [-- --check]: the reference that is written from the code: docs/reference/refusals.md.
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { refusals } from '#contract/refusals.ts'

const file = fileURLToPath(new URL('../docs/reference/refusals.md', import.meta.url))
const meaning: Readonly<Record<number, string>> = {
  400: 'The request cannot be understood',
  401: 'Somebody has to sign in',
  403: 'Not in this role, or not by the same hand',
  404: 'Not found, or not within reach',
  409: 'It has happened already, or something else has',
  413: 'Too large',
  415: 'A kind of file that is not taken',
  422: 'Understood, and not possible as it stands',
  429: 'Too often',
  503: 'Not just now',
}

const rows = Object.entries(refusals).map(([code, { http, zh }]) => ({ code, http, zh }))
const lines = [
  '# Every foreseen no',
  '',
  'Written by `npm run docs` from `contract/`. A refusal comes as JSON with its `code`, its facts, and `message`: the sentence',
  'below with the facts put in. A test provokes each of them (`test/refusals.test.ts`).',
]
for (const http of [...new Set(rows.map((row) => row.http))].sort((a, b) => a - b)) {
  lines.push('', `## ${http} · ${meaning[http] ?? ''}`, '', '| code | what the person reads |', '| --- | --- |')
  for (const row of rows.filter((each) => each.http === http))
    lines.push(`| \`${row.code}\` | ${row.zh.replaceAll('|', '\\|')} |`)
}
const text = `${lines.join('\n')}\n`
if (!process.argv.includes('--check')) await writeFile(file, text)
else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
  process.stderr.write('docs/reference/refusals.md is older than contract/: run `npm run docs`.\n')
  process.exitCode = 1
}
