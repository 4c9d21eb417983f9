import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { main } from './tongzhou.ts'

// The tutorial is followed as a reader would: each file written, each change made, each command typed, each answer compared.

const guide = await readFile(fileURLToPath(new URL('../docs/guides/first-plan.zh-CN.md', import.meta.url)), 'utf8')
const blocks = [...guide.matchAll(/```(\w+) ?(.*)\n([\s\S]*?)```/g)].map(([, kind = '', how = '', text = '']) => ({
  kind,
  how,
  text,
}))

const typed = async (dir: string, command: string): Promise<string> => {
  const lines: string[] = []
  const io = { out: (line: string) => lines.push(line), err: (line: string) => lines.push(line) }
  const args = command.replace('npm run -s tongzhou -- ', '').replace('my-plan', dir).split(' ')
  await main(args, io as never)
  return lines.join('\n')
}

test('the first plan, written in the order of the tutorial, comes out as the tutorial says', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tz-first-'))
  const change = async (name: string, how: (text: string) => string): Promise<void> => {
    const before = await readFile(join(dir, name), 'utf8')
    const after = how(before)
    expect(after).not.toBe(before)
    await writeFile(join(dir, name), after)
  }
  let commands = 0
  for (const { kind, how, text } of blocks) {
    const file = /file=(\S+)/.exec(how)?.[1]
    const edit = /edit=(\S+) after=(\S+)/.exec(how)
    const append = /append=(\S+)/.exec(how)?.[1]
    const replace = /replace=(\S+) from="(.+)" to="(.+)"/.exec(how)
    if (file) await writeFile(join(dir, file), text)
    if (append) await change(append, (before) => before + text)
    if (edit)
      await change(edit[1] ?? '', (before) => before.replace(new RegExp(`^(.*\\b${edit[2]}.*\\n)`, 'm'), `$1${text}`))
    if (replace) await change(replace[1] ?? '', (before) => before.replace(replace[2] ?? '', replace[3] ?? ''))
    if (kind !== 'console') continue
    const wrong = /wrong=([^/]+)\/(.+)\/(.+)/.exec(how)
    if (wrong) await change(wrong[1] ?? '', (before) => before.replace(wrong[2] ?? '', wrong[3] ?? ''))
    const [command = '', ...expected] = text.trimEnd().split('\n')
    const got = await typed(dir, command.replace('$ ', ''))
    for (const line of expected) expect(got.split('\n')).toContain(line)
    if (wrong) await change(wrong[1] ?? '', (before) => before.replace(wrong[3] ?? '', wrong[2] ?? ''))
    commands += 1
  }
  expect(commands).toBe(4)
})
