/** States what cannot happen. A failed one is a bug, never an answer to a person. Pure, so that the browser can run the kernel. */
export function assert(condition: unknown, message = 'this cannot happen'): asserts condition {
  if (!condition) throw new Error(message)
}
