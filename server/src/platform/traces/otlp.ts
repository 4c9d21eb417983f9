import { type Span as Recorded, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { ExportResultCode, parseTraceParent } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Span, Told, TraceSettings, Traces } from './index.ts'

const patienceMs = 3_000

/** A collector that does not take our spans is told of once on standard error, not at every batch; nothing waits for it. */
const toldOnce = (exporter: SpanExporter): SpanExporter => {
  let isAway = false
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.code !== ExportResultCode.SUCCESS
        if (failed && !isAway)
          process.stderr.write(`${JSON.stringify({ traces: 'the collector does not take them' })}\n`)
        isAway = failed
        done(result)
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  }
}

/** Spans by OpenTelemetry, in batches, to a collector. A full queue drops spans and holds nobody up. */
export const otlpTraces = ({ endpoint, serviceName }: TraceSettings): Traces => {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`
  const exporter = toldOnce(new OTLPTraceExporter({ url, timeoutMillis: patienceMs }))
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    spanProcessors: [new BatchSpanProcessor({ exporter, exportTimeoutMillis: 2 * patienceMs })],
  })
  const tracer = provider.getTracer('tongzhou')

  const asSpan = (recorded: Recorded): Span => {
    const inside = trace.setSpan(ROOT_CONTEXT, recorded)
    return {
      child: (name, told) =>
        asSpan(tracer.startSpan(name, { kind: kindFor(told), ...(told ? { attributes: told } : {}) }, inside)),
      tell: (told) => void recorded.setAttributes(told),
      end: (failed) => {
        if (!recorded.isRecording()) return // a request that was given up ends again when its answer is there
        if (failed !== undefined) recorded.setAttribute('error.type', failed).setStatus({ code: SpanStatusCode.ERROR })
        recorded.end()
      },
    }
  }
  return {
    begin: (name, told, traceparent) => {
      const asked = traceparent === undefined ? null : parseTraceParent(traceparent)
      // Of what the asker says only the two numbers are taken: his tracestate and baggage may hold anything.
      const from = asked ? trace.setSpanContext(ROOT_CONTEXT, { ...asked, isRemote: true }) : ROOT_CONTEXT
      const kind = 'http.request.method' in told ? SpanKind.SERVER : SpanKind.INTERNAL
      return asSpan(tracer.startSpan(name, { kind, attributes: told }, from))
    },
    stop: async () => {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((done) => {
        timer = setTimeout(done, patienceMs)
      })
      await Promise.race([provider.shutdown().catch(() => {}), late])
      clearTimeout(timer)
    },
  }
}

const kindFor = (told: Told | undefined): SpanKind =>
  told && 'db.system.name' in told ? SpanKind.CLIENT : SpanKind.INTERNAL
