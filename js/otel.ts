/** offstage/otel: spans of submits and attempts, by the OpenTelemetry API that the app has installed. */

export { type OtelOptions, otel } from './hooks/otel/otel.ts';
