import { mkdir, writeFile } from 'node:fs/promises'
import os from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/**
 * Seconds of several ways to do the same work, by name. Each way is run once in every round, so a slow spell hits all; what one
 * left in the heap is collected before the next begins, so that none works beside another's rubbish.
 */
export const alternate = async (
  rounds: number,
  ways: Readonly<Record<string, (round: number) => Promise<void>>>,
): Promise<Record<string, number[]>> => {
  const seconds: Record<string, number[]> = {}
  for (let round = 0; round < rounds; round += 1) {
    const names = Object.keys(ways)
    // Every second round goes backwards: whoever follows a heavy neighbour is not always the same.
    for (const name of round % 2 === 0 ? names : names.reverse()) {
      collect()
      const started = process.hrtime.bigint()
      await ways[name]?.(round)
      seconds[name] ??= []
      seconds[name].push(Number(process.hrtime.bigint() - started) / 1e9)
    }
  }
  return seconds
}

/** The middle of several runs; of an even number, the mean of the middle two. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  const upper = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2
}

/** How far runs of one way lie apart, as a part of their median: a ratio from runs further apart than it says is worth little. */
export const spread = (values: readonly number[]): number =>
  (Math.max(...values) - Math.min(...values)) / median(values)

export const machine = (): string => {
  const cpus = os.cpus()
  return `${cpus.length} × ${cpus[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.arch()}, Node ${process.version}`
}

export interface Finding {
  readonly what: string
  /** Rows, transfers, requests: what the figures count. */
  readonly count: number
  readonly unit: string
  readonly ours: number[]
  readonly base: number[]
  readonly baseIs: string
  readonly floor?: number
  readonly goal?: number
}

/** The ratio that carries to another machine: of rates, ours to the base, over the medians of the same rounds. */
export const ratioOf = ({ ours, base }: Pick<Finding, 'ours' | 'base'>): number => median(base) / median(ours)

/** Writes bench/results/<name>.md and .json, and gives the text back. */
export const report = async (
  name: string,
  title: string,
  about: readonly string[],
  findings: readonly Finding[],
): Promise<string> => {
  const rate = (seconds: readonly number[], count: number): string => {
    const perSecond = count / median(seconds)
    return perSecond < 10 ? perSecond.toFixed(2) : Math.round(perSecond).toLocaleString('en-US')
  }
  const rows = findings.map((finding) => {
    const ratio = ratioOf(finding)
    const verdict =
      finding.floor === undefined
        ? ''
        : ratio < finding.floor
          ? 'below floor'
          : ratio < (finding.goal ?? 0)
            ? 'floor'
            : 'goal'
    return [
      finding.what,
      `${finding.count.toLocaleString('en-US')} ${finding.unit}`,
      rate(finding.ours, finding.count),
      `${rate(finding.base, finding.count)} (${finding.baseIs})`,
      ratio.toFixed(2),
      `${finding.floor ?? ''} / ${finding.goal ?? ''}`,
      verdict,
      `${Math.round(spread(finding.ours) * 100)} % / ${Math.round(spread(finding.base) * 100)} %`,
    ]
  })
  const head = [
    'what',
    'in one run',
    'ours, per second',
    'base, per second',
    'ratio',
    'floor / goal',
    'reached',
    'spread, ours / base',
  ]
  const text = [
    `# ${title}`,
    '',
    ...about,
    '',
    `Machine: ${machine()}. Median of ${findings[0]?.ours.length ?? 0} alternating runs. Carry the ratios, not the numbers.`,
    '',
    ...[head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n')
  const folder = join(import.meta.dirname, 'results')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${name}.md`), text)
  const kept = findings.map((finding) => ({ ...finding, ratio: Number(ratioOf(finding).toFixed(3)) }))
  await writeFile(
    join(folder, `${name}.json`),
    `${JSON.stringify({ title, machine: machine(), findings: kept }, null, 2)}\n`,
  )
  return text
}
