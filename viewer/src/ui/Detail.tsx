// A record that is open: its text, its fields with + and −, what stands around it, and where it leads.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { condition, fieldOf, withCondition, type Operand } from "../filter/edit";
import type { AnyValue, KeyValue } from "../generated/spile/v1/record_pb";
import { BodyKind } from "../generated/spile/v1/record_pb";
import type { Row } from "../model/row";
import { severityLabel } from "../model/severity";
import { jaegerUrl, show } from "../state/store";
import { traceUrl } from "../state/jaeger";
import type { View } from "../state/view";
import { clock, day, fullTime } from "../text/time";
import { hex, prettyJson, recordJson, textOf } from "../text/value";
import { Context } from "./Context";
import { copy } from "./copy";
import { Icon } from "./Icon";
import { Text } from "./Text";

/** More of a body would make the page slow; a copy has all of it. */
const MOST_CHARS = 100_000;

interface Props {
  readonly row: Row;
  readonly view: View;
  readonly onClose: () => void;
}

export function Detail({ row, view, onClose }: Props) {
  const { record, resource } = row;
  const [context, setContext] = useState(false);
  const pretty = prettyJson(record.body);
  const [raw, setRaw] = useState(false);
  const traceId = hex(record.traceId);
  const trace = traceUrl(jaegerUrl.value, traceId);
  const severity = severityLabel(record.severityNumber);
  const body = pretty !== null && !raw ? pretty : record.body;
  const line = (): string => [`${day(row.ms, view.zone)} ${clock(row.ms, view.zone)}`, severity, row.service, record.body].filter((part) => part !== "").join("  ");

  return (
    <div class="detail">
      <div class="detail-bar">
        <button type="button" class="button small" aria-pressed={context} onClick={() => setContext(!context)}>
          <Icon name="lines" /> Context
        </button>
        <button type="button" class="button small" onClick={() => copy("The line", line())}>
          <Icon name="copy" /> Copy line
        </button>
        <button
          type="button"
          class="button small"
          onClick={() => copy("The record as JSON", recordJson(row.offset, record, resource, severity))}
        >
          <Icon name="copy" /> Copy JSON
        </button>
        <button type="button" class="button small" onClick={() => copy("The link", linkTo(row))}>
          <Icon name="link" /> Copy link
        </button>
        {pretty !== null && (
          <button type="button" class="button small" aria-pressed={raw} onClick={() => setRaw(!raw)}>
            As it came
          </button>
        )}
        {trace !== null && (
          <a class="button small" href={trace} target="_blank" rel="noopener noreferrer">
            <Icon name="out" /> Trace in Jaeger
          </a>
        )}
        <span class="grow" />
        <button type="button" class="button small icon-only quiet" aria-label="Close the record" title="Close (Esc)" onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      {context && <Context row={row} zone={view.zone} stream={view.stream} />}
      <div class="detail-parts">
        <pre class="detail-body theirs" tabIndex={0} aria-label="Body">
          <Text text={body.slice(0, MOST_CHARS)} lines />
          {body.length > MOST_CHARS && <span class="more">… {(body.length - MOST_CHARS).toLocaleString("en-US")} more characters; copy has all of them</span>}
        </pre>
        <table class="fields" aria-label="Fields">
          <tbody>
            <Field name="time" text={fullTime(record.timeUnixNano, view.zone)} />
            {record.observedTimeUnixNano !== 0n && record.observedTimeUnixNano !== record.timeUnixNano && (
              <Field name="observed" text={fullTime(record.observedTimeUnixNano, view.zone)} />
            )}
            <Field name="severity" text={severity || "none"} field="severity" value={record.severityNumber} />
            {record.severityText !== "" && record.severityText.toUpperCase() !== severity && (
              <Field name="severity_text" text={record.severityText} field="severity_text" value={record.severityText} />
            )}
            {record.eventName !== "" && <Field name="event_name" text={record.eventName} field="event_name" value={record.eventName} />}
            {record.scopeName !== "" && <Field name="scope" text={record.scopeName} field="scope" value={record.scopeName} />}
            {traceId !== "" && (
              <Field name="trace_id" text={traceId} condition={`trace_id=${traceId}`}>
                {trace !== null && (
                  <a class="icon-link" href={trace} target="_blank" rel="noopener noreferrer" aria-label="Trace in Jaeger" title="Trace in Jaeger">
                    <Icon name="out" />
                  </a>
                )}
              </Field>
            )}
            {record.spanId.length > 0 && <Field name="span_id" text={hex(record.spanId)} condition={`span_id=${hex(record.spanId)}`} />}
            {record.attributes.map((attribute) => (
              <Attribute key={attribute.key} space="attributes" attribute={attribute} />
            ))}
            {(resource?.attributes ?? []).map((attribute) => (
              <Attribute key={`r ${attribute.key}`} space="resource" attribute={attribute} />
            ))}
            {record.droppedAttributesCount > 0 && <Field name="dropped attributes" text={String(record.droppedAttributesCount)} />}
            {record.bodyKind === BodyKind.ESCAPED && <Field name="body" text="bytes that are not UTF-8 are written \xNN" />}
            <Field name="offset" text={String(row.offset)} />
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Attribute({ space, attribute }: { space: "attributes" | "resource"; attribute: KeyValue }) {
  const { key, value } = attribute;
  const operand = operandOf(value);
  const text = textOf(value);
  const shown = prettyJson(text) ?? text;
  if (operand === null) return <Field name={key} from={space} text={shown} />;
  return <Field name={key} from={space} text={shown} field={fieldOf(space, key)} value={operand} />;
}

/** What a filter can compare with; arrays, maps and bytes it cannot. */
function operandOf(value: AnyValue | undefined): Operand | null {
  const held = value?.value;
  switch (held?.case) {
    case "stringValue":
    case "boolValue":
    case "intValue":
      return held.value;
    case "doubleValue":
      return Number.isFinite(held.value) ? held.value : null;
    default:
      return null;
  }
}

interface FieldProps {
  readonly name: string;
  readonly text: string;
  readonly from?: "attributes" | "resource";
  readonly field?: string;
  readonly value?: Operand;
  readonly condition?: string;
  readonly children?: ComponentChildren;
}

function Field({ name, text, from, field, value, condition: written, children }: FieldProps) {
  const wanted = written ?? (field !== undefined && value !== undefined ? condition(field, value) : null);
  const filter = (negated: boolean): void => {
    if (wanted !== null) show({ expression: withCondition(currentExpression(), wanted, negated) });
  };
  return (
    <tr>
      <th scope="row" class="theirs">
        <Text text={name} />
        {from === "resource" && <span class="from"> resource</span>}
      </th>
      <td class="field-value theirs">
        <Text text={text} lines />
        {children}
      </td>
      <td class="field-actions">
        {wanted !== null && (
          <>
            <button type="button" class="button tiny" aria-label={`Only ${name} of this value`} title="Only this value" onClick={() => filter(false)}>
              <Icon name="plus" />
            </button>
            <button type="button" class="button tiny" aria-label={`Not ${name} of this value`} title="Not this value" onClick={() => filter(true)}>
              <Icon name="minus" />
            </button>
          </>
        )}
        <button type="button" class="button tiny" aria-label={`Copy ${name}`} title="Copy" onClick={() => copy(`The value of ${name}`, text)}>
          <Icon name="copy" />
        </button>
      </td>
    </tr>
  );
}

function currentExpression(): string {
  return new URLSearchParams(window.location.search).get("q") ?? "";
}

/** The address of this page with this record open. */
function linkTo(row: Row): string {
  const query = new URLSearchParams(window.location.search);
  query.set("cursor", row.cursor);
  query.set("at", String(row.offset));
  query.set("open", String(row.offset));
  return `${window.location.origin}${window.location.pathname}?${query.toString()}`;
}

