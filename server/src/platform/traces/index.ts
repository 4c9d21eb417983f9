/** What is told of a piece of work: kinds, counts and names of ours; never an id, a value or a word of anybody's. */
export type Told = Readonly<Record<string, string | number>>

/** One piece of work as an operator sees it. */
export interface Span {
  child(name: string, told?: Told): Span
  tell(told: Told): void
  /** `failed` is the kind of a failure (an error's name, a SQLSTATE), never its message: that may hold values of a row. */
  end(failed?: string): void
}

export interface TraceSettings {
  /** where a collector takes OTLP over HTTP; /v1/traces is added to it */
  readonly endpoint: string
  readonly serviceName: string
}

/** Where spans go. There is none unless traces are switched on, and whoever may be watched asks for that first. */
export interface Traces {
  /** Work that follows from nothing here; `traceparent` is what the asker said of his own trace, as W3C writes it. */
  begin(name: string, told: Told, traceparent?: string): Span
  /** Hands over what is still here, and waits for that no longer than three seconds. */
  stop(): Promise<void>
}

/** OpenTelemetry is loaded here and nowhere else: who does not switch it on does not pay for it. */
export const openTraces = async (settings: TraceSettings): Promise<Traces> =>
  (await import('./otlp.ts')).otlpTraces(settings)

export const kindOf = (error: unknown): string => {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown }
  return String(code ?? name ?? 'unknown')
}

/** Does a piece of work as a span of its own where somebody watches, and as it stands where nobody does. */
export const watched = <T>(
  parent: Span | undefined,
  name: string,
  work: (span: Span | undefined) => Promise<T>,
): Promise<T> => (parent ? watchedBy(parent, name, work) : work(undefined))

const watchedBy = async <T>(parent: Span, name: string, work: (span: Span) => Promise<T>): Promise<T> => {
  const span = parent.child(name)
  try {
    const answer = await work(span)
    span.end()
    return answer
  } catch (error) {
    span.end(kindOf(error))
    throw error
  }
}
