// The arithmetic of an append-only log, RFC 6962 section 2.1: pure, so that an auditor's laptop or a browser runs it too.
// Positions count from 0, as in the RFC; a range [from, to) is half-open.

export type Hash = Uint8Array
export type Sha256 = (bytes: Uint8Array) => Hash

/** The whole subtrees a log of `size` leaves ends in, the largest first: all that is needed to go on appending. */
export interface Frontier {
  readonly size: number
  readonly peaks: readonly Hash[]
}

export type Range = readonly [from: number, to: number]

const equal = (a: Hash, b: Hash): boolean => a.length === b.length && a.every((byte, i) => byte === b[i])

/** The largest power of two below n, where RFC 6962 splits a tree of n > 1 leaves. */
const split = (n: number): number => {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/** The subtrees, from the leaf upwards, whose roots prove that leaf `index` is in a log of `size`: PATH(m, D[n]). */
export const inclusionRanges = (index: number, size: number, from = 0): Range[] => {
  if (size <= 1) return []
  const k = split(size)
  return index < k
    ? [...inclusionRanges(index, k, from), [from + k, from + size]]
    : [...inclusionRanges(index - k, size - k, from + k), [from, from + k]]
}

/** The subtrees whose roots prove that a log of `size` only added to the log of its first `earlier` leaves: PROOF(m, D[n]). */
export const consistencyRanges = (earlier: number, size: number): Range[] => {
  const sub = (m: number, n: number, from: number, whole: boolean): Range[] => {
    if (m === n) return whole ? [] : [[from, from + n]]
    const k = split(n)
    return m <= k
      ? [...sub(m, k, from, whole), [from + k, from + n]]
      : [...sub(m - k, n - k, from + k, false), [from, from + k]]
  }
  return earlier <= 0 || earlier >= size ? [] : sub(earlier, size, 0, true)
}

export const merkle = (sha256: Sha256) => {
  const leafHash = (line: Uint8Array): Hash => {
    const bytes = new Uint8Array(line.length + 1)
    bytes.set(line, 1)
    return sha256(bytes)
  }
  const nodeHash = (left: Hash, right: Hash): Hash => {
    const bytes = new Uint8Array(1 + left.length + right.length)
    bytes[0] = 1
    bytes.set(left, 1)
    bytes.set(right, 1 + left.length)
    return sha256(bytes)
  }

  const empty: Frontier = { size: 0, peaks: [] }

  /** Appends leaves; each closes as many subtrees as its number has factors of two. */
  const append = ({ size, peaks }: Frontier, leaves: readonly Hash[]): Frontier => {
    const stack = [...peaks]
    let count = size
    for (const leaf of leaves) {
      let node = leaf
      // Not by bits: a log may hold more than 2^31 leaves.
      for (let n = count; n % 2 === 1; n = (n - 1) / 2) node = nodeHash(stack.pop() as Hash, node)
      stack.push(node)
      count += 1
    }
    return { size: count, peaks: stack }
  }

  /** The root of a log, MTH(D[n]): its subtrees joined from the smallest up. */
  const rootOf = ({ peaks }: Frontier): Hash =>
    peaks.length === 0 ? sha256(new Uint8Array(0)) : peaks.reduceRight((right, left) => nodeHash(left, right))

  const root = (leaves: readonly Hash[]): Hash => rootOf(append(empty, leaves))
  const over = (leaves: readonly Hash[], ranges: readonly Range[]): Hash[] =>
    ranges.map(([from, to]) => root(leaves.slice(from, to)))

  /** The root that a proof of inclusion leads to, or null where it cannot be one. */
  const rootByInclusion = (leaf: Hash, index: number, size: number, proof: readonly Hash[]): Hash | null => {
    if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) return null
    if (proof.length !== inclusionRanges(index, size).length) return null
    const climb = (at: number, n: number, left: number): Hash => {
      if (n === 1) return leaf
      const k = split(n)
      const sibling = proof[left - 1] as Hash
      return at < k ? nodeHash(climb(at, k, left - 1), sibling) : nodeHash(sibling, climb(at - k, n - k, left - 1))
    }
    return climb(index, size, proof.length)
  }

  return {
    leafHash,
    nodeHash,
    empty,
    append,
    rootOf,
    root,
    equal,
    inclusionProof: (leaves: readonly Hash[], index: number): Hash[] =>
      over(leaves, inclusionRanges(index, leaves.length)),
    consistencyProof: (leaves: readonly Hash[], earlier: number): Hash[] =>
      over(leaves, consistencyRanges(earlier, leaves.length)),

    /** Whether a leaf stands at `index` in the log of this size and root. */
    isIncluded: (leaf: Hash, index: number, log: { size: number; root: Hash }, proof: readonly Hash[]): boolean => {
      const found = rootByInclusion(leaf, index, log.size, proof)
      return found !== null && equal(found, log.root)
    },

    /** Whether the later log begins with the whole of the earlier one, unchanged. */
    isConsistent: (
      earlier: { size: number; root: Hash },
      later: { size: number; root: Hash },
      proof: readonly Hash[],
    ): boolean => {
      if (earlier.size > later.size || earlier.size < 0) return false
      if (proof.length !== consistencyRanges(earlier.size, later.size).length) return false
      if (earlier.size === later.size) return equal(earlier.root, later.root)
      if (earlier.size === 0) return equal(earlier.root, sha256(new Uint8Array(0)))
      const climb = (m: number, n: number, left: number, whole: boolean): { old: Hash; now: Hash } => {
        if (m === n) {
          const known = whole ? earlier.root : (proof[left - 1] as Hash)
          return { old: known, now: known }
        }
        const k = split(n)
        const sibling = proof[left - 1] as Hash
        if (m <= k) {
          const { old, now } = climb(m, k, left - 1, whole)
          return { old, now: nodeHash(now, sibling) }
        }
        const { old, now } = climb(m - k, n - k, left - 1, false)
        return { old: nodeHash(sibling, old), now: nodeHash(sibling, now) }
      }
      const { old, now } = climb(earlier.size, later.size, proof.length, true)
      return equal(old, earlier.root) && equal(now, later.root)
    },
  }
}
