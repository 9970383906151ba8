// One line of the list. It draws itself again only when something of it has changed.
import { Component } from "preact";
import type { Row } from "../model/row";
import { severityLabel } from "../model/severity";
import { visibleText } from "../text/glyphs";
import { clock, day, type Zone } from "../text/time";
import { Text } from "./Text";

/** More of a body is shown when the record is open. */
const LINE_CHARS = 1_000;
const WRAPPED_CHARS = 4_000;

export interface LineProps {
  readonly row: Row;
  readonly zone: Zone;
  readonly wrap: boolean;
  readonly open: boolean;
  readonly selected: boolean;
  readonly find: RegExp | null;
  readonly onToggle: (row: Row) => void;
}

export class LogLine extends Component<LineProps> {
  override shouldComponentUpdate(next: LineProps): boolean {
    const now = this.props;
    return (
      next.row !== now.row ||
      next.zone !== now.zone ||
      next.wrap !== now.wrap ||
      next.open !== now.open ||
      next.selected !== now.selected ||
      next.find !== now.find
    );
  }

  override render({ row, zone, wrap, open, find, onToggle }: LineProps) {
    const { record } = row;
    const most = wrap ? WRAPPED_CHARS : LINE_CHARS;
    const body = record.body === "" ? record.eventName : record.body;
    const label = severityLabel(record.severityNumber);
    return (
      <div class={`line ${row.level}${open ? " open" : ""}`} onClick={() => isClick() && onToggle(row)}>
        <button type="button" class="twist" tabIndex={-1} aria-expanded={open} aria-label={open ? "Close the record" : "Open the record"} />
        <time class="time">
          <span class="day">{day(row.ms, zone)} </span>
          {clock(row.ms, zone)}
        </time>
        <span class="severity">{label}</span>
        <span class="service theirs" title={visibleText(row.service)}>
          <Text text={row.service} />
        </span>
        <span class="body theirs">
          <Text text={body.length > most ? body.slice(0, most) : body} find={find} lines={wrap} />
          {body.length > most && <span class="more"> … {(body.length - most).toLocaleString("en-US")} more characters</span>}
        </span>
      </div>
    );
  }
}

/** A click, and not the end of selecting text. */
function isClick(): boolean {
  const selection = window.getSelection();
  return selection === null || selection.isCollapsed;
}
