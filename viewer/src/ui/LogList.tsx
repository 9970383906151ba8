// The lines. Those in view are in the page, the others are numbers; more are read before the end of the window comes into view.
import { Component, createRef } from "preact";
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer, type VirtualizerOptions } from "@tanstack/virtual-core";
import { finder, soughtTexts } from "../filter/terms";
import type { Reader } from "../model/reader";
import type { Row } from "../model/row";
import { openRecord, place, selected } from "../state/store";
import type { View } from "../state/view";
import { Detail } from "./Detail";
import { GapLine } from "./GapLine";
import { LogLine } from "./LogRow";

/** How many lines before an end of the window more are asked for. */
const AHEAD = 800;
const OVERSCAN = 10;
const PLACE_MS = 300;
/** A gap's height, as in the stylesheet, in pixels. */
const GAP_PX = 36;
/** Nearer to the end than this is at the end. */
const NEAR_PX = 3;

interface Props {
  readonly reader: Reader;
  readonly view: View;
  /** Of the reader's items; a new one means that they have changed. */
  readonly version: number;
  readonly selected: number | null;
  readonly lineHeight: number;
}

type List = Virtualizer<HTMLDivElement, HTMLDivElement>;

/** Counts what the virtual list has asked to be drawn; without a change of state nothing is. */
interface Drawn {
  readonly range: number;
}

export class LogList extends Component<Props, Drawn> {
  private readonly scroller = createRef<HTMLDivElement>();
  private readonly virtual: List;
  private unmount: () => void = () => {};
  private placing: ReturnType<typeof setTimeout> | undefined;
  private find: { expression: string; regex: RegExp | null } = { expression: "", regex: null };
  private lastTop = 0;
  override state: Drawn = { range: 0 };

  constructor(props: Props) {
    super(props);
    this.virtual = new Virtualizer(this.options(props));
  }

  override componentDidMount(): void {
    this.unmount = this.virtual._didMount();
    this.virtual._willUpdate();
    list = this;
    this.settle();
  }

  override componentDidUpdate(before: Props): void {
    const { view, reader, lineHeight } = this.props;
    if (before.reader !== reader || before.view.wrap !== view.wrap || before.lineHeight !== lineHeight) this.virtual.measure();
    if (before.view.open !== view.open && before.view.open !== null) this.forget(before.view.open);
    this.virtual._willUpdate();
    this.settle();
    if (before.view.open !== view.open && view.open !== null) this.reveal(view.open);
  }

  override componentWillUnmount(): void {
    clearTimeout(this.placing);
    this.unmount();
    if (list === this) list = null;
  }

  /** Puts the selected line, or the one nearest to the middle, one further. */
  step(by: number, wanted: (row: Row) => boolean = () => true): void {
    const { items } = this.props.reader.window;
    const from = selected.peek();
    let index = from === null ? this.topIndex() - Math.sign(by) : this.props.reader.window.indexAt(from);
    for (index += by; items[index] !== undefined; index += Math.sign(by)) {
      const item = items[index]!;
      if (item.kind !== "row" || !wanted(item)) continue;
      selected.value = item.offset;
      if (by < 0) this.props.reader.follow(false);
      this.virtual.scrollToIndex(index, { align: "auto" });
      return;
    }
  }

  page(by: number): void {
    const element = this.scroller.current;
    if (element === null) return;
    if (by < 0) this.props.reader.follow(false);
    element.scrollTop += by * (element.clientHeight - 2 * this.props.lineHeight);
  }

  focus(): void {
    this.scroller.current?.focus({ preventScroll: true });
  }

  /** A record that was closed is as high as the others. */
  private forget(offset: number): void {
    const { reader, view, lineHeight } = this.props;
    if (view.wrap) return;
    if (reader.window.row(offset) === undefined) this.virtual.itemSizeCache.delete(offset);
    else this.virtual.resizeItem(reader.window.indexAt(offset), lineHeight);
  }

  /** Brings a record that was opened into view, from its first line on. */
  private reveal(offset: number): void {
    requestAnimationFrame(() => {
      const element = this.scroller.current;
      const entry = element?.querySelector(`[data-offset="${offset}"]`);
      if (element === null || entry == null) return;
      const [inside, box] = [element.getBoundingClientRect(), entry.getBoundingClientRect()];
      const hidden = box.bottom - inside.bottom;
      if (box.top < inside.top) element.scrollTop -= inside.top - box.top;
      else if (hidden > 0) element.scrollTop += Math.min(hidden, box.top - inside.top);
    });
  }

  private topIndex(): number {
    return this.virtual.getVirtualItemForOffset(this.virtual.scrollOffset ?? 0)?.index ?? 0;
  }

  private options(props: Props): VirtualizerOptions<HTMLDivElement, HTMLDivElement> {
    const { items } = props.reader.window;
    return {
      count: items.length,
      getScrollElement: () => this.scroller.current,
      estimateSize: (index) => (items[index]?.kind === "mark" ? GAP_PX : props.lineHeight),
      getItemKey: (index) => items[index]?.key ?? index,
      // What is in view stays where it is when lines come or go before it.
      anchorTo: "end",
      // A record that is opened at the end pushes what is behind it away, not what is before it.
      scrollEndThreshold: props.reader.following.peek() ? 1 : -1,
      overscan: OVERSCAN,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: () => {
        this.setState(({ range }) => ({ range: range + 1 }));
        this.readAhead();
      },
    };
  }

  /** After each drawing: keeps the newest line in view, or goes where it was asked to. */
  private settle(): void {
    const { reader } = this.props;
    const element = this.scroller.current;
    if (element === null) return;
    const target = reader.target.peek();
    if (reader.following.peek() || target === "end") {
      element.scrollTop = element.scrollHeight;
      if (target === "end" && reader.window.length > 0) reader.target.value = null;
    } else if (target === "start" && reader.phase.peek() === "ready") {
      this.virtual.scrollToOffset(0);
      reader.target.value = null;
    } else if (target !== null && typeof target === "object" && reader.phase.peek() === "ready") {
      this.virtual.scrollToIndex(reader.window.indexAt(target.offset), { align: "start" });
      reader.target.value = null;
    }
    this.lastTop = element.scrollTop;
    this.readAhead();
  }

  private readAhead(): void {
    const { reader } = this.props;
    const range = this.virtual.range;
    if (range === null || reader.target.peek() !== null) return;
    if (range.startIndex < AHEAD) reader.loadOlder();
    if (range.endIndex > reader.window.length - AHEAD) reader.loadNewer();
  }

  private readonly scrolled = (): void => {
    const { reader } = this.props;
    const element = this.scroller.current;
    if (element === null) return;
    const down = element.scrollTop > this.lastTop;
    const rest = element.scrollHeight - element.clientHeight - element.scrollTop;
    if (element.scrollTop < this.lastTop && rest > NEAR_PX) reader.follow(false);
    else if (down && rest <= NEAR_PX && reader.newer.peek() === "done" && reader.phase.peek() === "ready") reader.follow(true);
    this.lastTop = element.scrollTop;
    clearTimeout(this.placing);
    this.placing = setTimeout(this.tellPlace, PLACE_MS);
  };

  /** Away from the end, before the scrolling itself is seen: in a burst it would be pulled back. */
  private readonly wheeled = (wheel: WheelEvent): void => {
    const element = this.scroller.current;
    if (wheel.deltaY < 0 && element !== null && element.scrollHeight > element.clientHeight) this.props.reader.follow(false);
  };

  private readonly tellPlace = (): void => {
    const { reader } = this.props;
    if (reader.phase.peek() !== "ready") return;
    if (reader.following.peek()) {
      place("", null);
      return;
    }
    const { items } = reader.window;
    for (let index = this.topIndex(); index < items.length; index += 1) {
      const item = items[index];
      if (item?.kind === "row") {
        place(item.cursor, item.offset);
        return;
      }
    }
  };

  private readonly toggle = (row: Row): void => {
    this.props.reader.follow(false);
    selected.value = row.offset;
    openRecord(this.props.view.open === row.offset ? null : row.offset);
  };

  private readonly measure = (element: HTMLDivElement | null): void => this.virtual.measureElement(element);

  private regex(expression: string): RegExp | null {
    if (this.find.expression !== expression) this.find = { expression, regex: finder(soughtTexts(expression)) };
    return this.find.regex;
  }

  override render({ reader, view, selected: chosen }: Props) {
    this.virtual.setOptions(this.options(this.props));
    const { items } = reader.window;
    const lines = this.virtual.getVirtualItems();
    const find = this.regex(view.expression);
    return (
      <div
        ref={this.scroller}
        class={`list${view.wrap ? " wrap" : ""}`}
        role={items.length > 0 ? "feed" : "group"}
        aria-label="Log lines"
        aria-busy={reader.phase.value === "loading"}
        tabIndex={0}
        onScroll={this.scrolled}
        onWheel={this.wheeled}
      >
        <div class="list-space" style={{ height: `${this.virtual.getTotalSize()}px` }}>
          <div class="list-shift" style={{ transform: `translateY(${lines[0]?.start ?? 0}px)` }}>
            {lines.map(({ index }) => {
              const item = items[index];
              if (item === undefined) return null;
              if (item.kind === "mark") {
                return (
                  <div key={item.key} ref={this.measure} data-index={index} role="article" aria-label="Gap">
                    <GapLine gap={item} />
                  </div>
                );
              }
              const open = view.open === item.offset;
              const varies = open || view.wrap;
              return (
                <div
                  key={varies ? `v${item.key}` : item.key}
                  ref={varies ? this.measure : null}
                  data-index={index}
                  data-offset={item.offset}
                  role="article"
                  aria-label={`Record ${item.offset}`}
                  tabIndex={chosen === item.offset ? 0 : -1}
                  class={`entry${chosen === item.offset ? " selected" : ""}`}
                >
                  <LogLine row={item} zone={view.zone} wrap={view.wrap} open={open} selected={chosen === item.offset} find={find} onToggle={this.toggle} />
                  {open && <Detail row={item} view={view} onClose={() => openRecord(null)} />}
                </div>
              );
            })}
          </div>
        </div>
      </div>
    );
  }
}

/** The list that is on the page, for the keys. */
export let list: LogList | null = null;
