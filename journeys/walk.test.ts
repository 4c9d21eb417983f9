import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Keyboard, repository, type Server, sitDown } from './keyboard.ts'

// The guide's own commands, typed in its order with the real command line; what it says they print must be printed.

interface Step {
  readonly commands: readonly string[]
  readonly afterStop: boolean
  readonly prints: readonly string[]
}

const guideFile = join(repository, 'docs/guides/ten-minutes.zh-CN.md')
const commandsIn = (text: string): string[] =>
  [...text.matchAll(/^```sh.*\n([\s\S]*?)^```/gm)].flatMap((block) => (block[1] ?? '').trim().split('\n'))

const stepsOf = (guide: string): Step[] => {
  const steps: { commands: string[]; afterStop: boolean; prints: string[] }[] = []
  for (const [, kind = '', body = ''] of guide.matchAll(/^```(sh after-stop|sh|text)\n([\s\S]*?)^```/gm)) {
    const lines = body.trimEnd().split('\n')
    if (kind === 'text') steps.at(-1)?.prints.push(...lines)
    else steps.push({ commands: lines, afterStop: kind === 'sh after-stop', prints: [] })
  }
  return steps
}

const spaced = (line: string): string => line.trim().replace(/\s+/g, ' ')
/** A line of the guide as a pattern: '…' stands for whatever is different each time, and spaces only part words. */
const pattern = (line: string): RegExp =>
  new RegExp(
    spaced(line)
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*'),
  )

let keyboard: Keyboard
let server: Server
beforeAll(async () => {
  keyboard = await sitDown()
  server = await keyboard.start()
})
afterAll(() => keyboard.leave())

test('the ten-minute walk does what the guide says, with the server running and after it stopped', async () => {
  const steps = stepsOf(await readFile(guideFile, 'utf8'))
  expect(steps.flatMap((step) => step.commands).length).toBeGreaterThan(40)
  let stopped = false
  for (const { commands, afterStop, prints } of steps) {
    if (afterStop && !stopped) {
      expect(await server.end('SIGINT')).toBe(0)
      stopped = true
      expect(await keyboard.database()).toBeUndefined()
    }
    let printed = ''
    for (const command of commands) {
      if (command.startsWith('tongzhou()')) continue
      const { code, out, err } = await keyboard.type(command)
      expect(code, `${command}\n${out}\n${err}`).toBe(0)
      printed += out
    }
    let from = 0
    const lines = printed.split('\n').map(spaced)
    for (const expected of prints) {
      const at = lines.findIndex((line, i) => i >= from && pattern(expected).test(line))
      expect(at, `“${expected}” is not printed, in its place, by:\n${printed}`).toBeGreaterThanOrEqual(0)
      from = at + 1
    }
    if (afterStop) expect(await keyboard.database(), 'the command line stops what it started').toBeUndefined()
  }
  expect(stopped).toBe(true)
}, 400_000)

test('both READMEs show the guide’s own commands', async () => {
  const guide = new Set(commandsIn(await readFile(guideFile, 'utf8')))
  for (const name of ['README.md', 'README.zh-CN.md']) {
    const shown = commandsIn(await readFile(join(repository, name), 'utf8')).filter((line) =>
      line.startsWith('tongzhou'),
    )
    expect(shown.length, name).toBeGreaterThan(0)
    expect(
      shown.map((line) => line.replace(/ +#.*$/, '')).filter((line) => !guide.has(line)),
      name,
    ).toEqual([])
  }
})
