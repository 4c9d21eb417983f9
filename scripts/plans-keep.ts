// npm run plans:keep: keeps up to thirty decisions of each edition that has none yet, for the replay in every test run.
// It only adds: a decision once kept, and the text it cites, stay as they are.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  decisionsWorthKeeping,
  type KeptDecision,
  type KeptEdition,
  readExamples,
  readPlans,
  triedOf,
} from '#modules/plans/offline.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const kept = join(root, 'test/fixtures/kept-decisions')
const linesOf = async <T>(name: string): Promise<T[]> =>
  (await readFile(join(kept, name), 'utf8').catch(() => ''))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
const written = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

const plans = await readPlans(join(root, 'plans'))
if (!plans.ok) {
  process.stderr.write(`${plans.refused.first}\n`)
  process.exit(1)
}
const editions = await linesOf<KeptEdition>('editions.jsonl')
const decisions = await linesOf<KeptDecision>('decisions.jsonl')
const known = new Set(editions.map((each) => each.sha256))
let added = 0
for (const file of plans.value) {
  if (known.has(file.sha256)) continue
  const { plan } = file.edition
  const examples = await readExamples(join(root, 'plans', plan, 'examples.yaml'))
  const beside = plans.value.filter((each) => each.edition.plan === plan).map((each) => each.edition)
  const made = decisionsWorthKeeping(file, examples.ok ? triedOf(beside, file.edition, examples.value) : [])
  editions.push({ sha256: file.sha256, plan, text: file.text, clauses: file.clauses })
  decisions.push(...made)
  added += made.length
}
await mkdir(kept, { recursive: true })
await writeFile(join(kept, 'editions.jsonl'), written(editions))
await writeFile(join(kept, 'decisions.jsonl'), written(decisions))
process.stdout.write(`${added} 项决定新保留，共 ${decisions.length} 项，涉及 ${editions.length} 个版本\n`)
