// The filter expression. The server reads it while it is typed; what is wrong is said below the place that is wrong.
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { client, failureOf, Code } from "../api/client";
import { problemOf, type Problem } from "../filter/problem";
import { show, view, reader } from "../state/store";
import { Icon } from "./Icon";

/** The box, for the key that goes there. */
export const searchInput = signal<HTMLInputElement | null>(null);

const TYPING_MS = 180;

export function SearchBox() {
  const applied = view.value.expression;
  const [text, setText] = useState(applied);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [scroll, setScroll] = useState(0);
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    searchInput.value = input.current;
  }, []);
  // Changed from elsewhere: a field's + and −, the browser's back.
  useEffect(() => setText(applied), [applied]);
  useEffect(() => {
    if (text.trim() === "") {
      setProblem(null);
      return;
    }
    const call = new AbortController();
    const timer = setTimeout(() => void check(text, call.signal).then((found) => !call.signal.aborted && setProblem(found)), TYPING_MS);
    return () => {
      clearTimeout(timer);
      call.abort();
    };
  }, [text]);

  const apply = async (): Promise<void> => {
    // What is wrong is not read: the lines that are shown stay.
    const found = text.trim() === "" ? null : await check(text, new AbortController().signal);
    setProblem(found);
    if (found === null) show({ expression: text.trim() });
  };

  const pending = text.trim() !== applied.trim();
  const wrong = problem !== null;
  return (
    <form
      class={`search${wrong ? " invalid" : ""}`}
      role="search"
      onSubmit={(submit) => {
        submit.preventDefault();
        void apply();
      }}
    >
      <Icon name="search" />
      <div class="search-field">
        <div class="search-marks" aria-hidden="true">
          {problem?.start !== undefined && <Marks text={text} problem={problem} scroll={scroll} />}
        </div>
        <input
          ref={input}
          type="text"
          inputMode="search"
          enterkeyhint="search"
          spellcheck={false}
          autocapitalize="off"
          autocomplete="off"
          placeholder={'Filter: "timed out" -healthz body=~"user \\d+" attributes.code>=500'}
          aria-label="Filter expression"
          aria-invalid={wrong}
          aria-describedby={wrong ? "search-problem" : undefined}
          maxLength={8000}
          value={text}
          onInput={(change) => setText(change.currentTarget.value)}
          onScroll={(moved) => setScroll(moved.currentTarget.scrollLeft)}
          onKeyUp={(key) => setScroll(key.currentTarget.scrollLeft)}
          onKeyDown={(key) => {
            if (key.key !== "Escape") return;
            key.stopPropagation();
            if (pending) setText(applied);
            else key.currentTarget.blur();
          }}
        />
      </div>
      {text !== "" && (
        <button
          type="button"
          class="button icon-only quiet"
          aria-label="Clear the filter"
          title="Clear the filter"
          onClick={() => {
            setText("");
            show({ expression: "" });
            input.current?.focus();
          }}
        >
          <Icon name="close" />
        </button>
      )}
      {pending && !wrong && (
        <button type="submit" class="button small" title="Apply the filter">
          Enter ↵
        </button>
      )}
      {wrong && <ProblemText text={text} problem={problem} scroll={scroll} />}
    </form>
  );
}

/** The text once more, behind the field and unseen, with a line under what is wrong. */
function Marks({ text, problem, scroll }: { text: string; problem: Problem; scroll: number }) {
  const chars = [...text];
  const { start = 0, end = 0 } = problem;
  return (
    <span class="search-copy" style={{ transform: `translateX(${-scroll}px)` }}>
      {chars.slice(0, start).join("")}
      <span class="wrong-part">{chars.slice(start, end).join("") || " "}</span>
    </span>
  );
}

function ProblemText({ text, problem, scroll }: { text: string; problem: Problem; scroll: number }) {
  const { start } = problem;
  return (
    <div id="search-problem" class="search-problem" role="alert">
      {start !== undefined && (
        <div class="search-caret" aria-hidden="true">
          <span class="search-copy" style={{ transform: `translateX(${-scroll}px)` }}>
            <span class="unseen">{[...text].slice(0, start).join("")}</span>▲
          </span>
        </div>
      )}
      <Icon name="alert" />
      <span>
        {problem.text}
        {start !== undefined && <span class="visually-hidden"> (at column {start + 1})</span>}
      </span>
    </div>
  );
}

/** Asks the server whether it can read an expression, without reading records. */
async function check(expression: string, signal: AbortSignal): Promise<Problem | null> {
  const stream = view.peek().stream;
  const start = { position: { case: "latest" as const, value: {} } };
  try {
    for await (const _ of client.tail({ stream, filter: { expression }, start, limit: 1n }, { signal })) break;
    return null;
  } catch (thrown) {
    const failure = failureOf(thrown);
    return !signal.aborted && failure.code === Code.InvalidArgument ? problemOf(failure.text) : null;
  }
}

/** Whether what is read was refused because of its filter; the box says so itself. */
export function isFilterProblem(): boolean {
  const failure = reader.value.failure.value;
  return failure !== null && failure.code === Code.InvalidArgument && failure.text.includes("filter.expression");
}
